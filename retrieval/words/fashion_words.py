"""Words of clothing catalogues beside kinds and colours, so that captions can be expected before they are said."""

from __future__ import annotations

from retrieval.words.captions import COLOUR_WORDS, GENDER_WORDS, KIND_WORDS

# Colours that catalogues use and ``captions.COLOUR_WORDS`` has no other word for.
PLAIN_COLOURS = (
    "black", "white", "red", "blue", "green", "yellow", "pink", "purple", "brown", "orange", "beige", "gold", "silver",
    "olive", "teal", "cream", "tan", "khaki", "peach", "rust", "magenta", "mustard", "bronze", "copper", "mauve",
    "nude",
    "rose", "metallic", "taupe", "light blue", "dark green", "light brown", "dark brown", "light green", "light pink",
    "dark grey", "light grey", "sky blue", "royal blue", "golden",
)  # fmt: skip

MATERIALS = (
    "cotton", "linen", "denim", "silk", "chiffon", "satin", "wool", "woollen", "knitted", "fleece", "nylon", "leather",
    "suede", "canvas", "corduroy", "mesh", "rubber", "straw", "velvet", "lace", "fur", "polyester", "cashmere", "steel",
    "patent leather", "faux leather", "faux fur", "plastic", "jersey", "tweed", "lycra", "jute", "wooden", "metal",
)  # fmt: skip

PATTERNS = (
    "striped", "floral", "checked", "polka dot", "printed", "camouflage", "plaid", "solid", "plain", "embroidered",
    "colourblocked", "leopard print", "animal print", "tartan", "check", "floral print", "dotted", "graphic", "tie dye",
    "paisley", "sequined", "beaded",
)  # fmt: skip

CUTS = (
    "long", "short", "sleeveless", "slim", "slim fit", "skinny", "wide", "casual", "formal", "sports", "running",
    "party", "summer", "winter", "vintage", "maxi", "midi", "mini", "high", "low", "loose", "hooded", "quilted",
    "pleated", "round neck", "v-neck", "crew neck", "long sleeve", "short sleeve", "long sleeved", "short sleeved",
    "half sleeve", "full sleeve", "high heeled", "high heel", "block heel", "flat", "knee high", "ankle",
    "ankle length",
    "oversized", "small", "big", "large", "elegant", "evening", "cocktail", "wedding", "beach", "training", "walking",
    "hiking", "basketball", "football", "tennis", "strappy", "ripped", "skater", "wrap", "bodycon", "a-line", "flared",
    "straight", "cropped", "regular fit", "relaxed", "padded", "puffer", "bomber", "biker", "trench", "denim", "polo",
    "pencil", "pointed", "open toe", "peep toe", "lace-up", "slip-on", "ankle strap", "crossbody", "sling", "quartz",
    "digital", "analogue", "round", "square", "aviator", "cat eye", "wayfarer", "woven", "cute", "new", "classic",
    "simple", "off shoulder", "halter", "wide leg", "high waist", "high waisted", "light", "dark", "bright",
)  # fmt: skip

KNOWN_BRANDS = (
    "nike", "adidas", "puma", "reebok", "levi's", "lee", "wrangler", "zara", "gucci", "prada", "fila", "fossil",
    "titan",
    "casio", "timberland", "converse", "vans", "lacoste", "benetton", "guess", "diesel", "armani", "asics", "lotto",
    "skechers", "new balance", "ray-ban", "calvin klein", "tommy hilfiger", "under armour", "clarks", "crocs", "chanel",
    "hermes", "versace", "burberry", "rolex", "seiko", "citizen", "oakley", "columbia", "esprit", "mango", "gap",
)  # fmt: skip

# What stands after "with".
PARTS = (
    "chain", "belt", "strap", "straps", "stripes", "buttons", "buckle", "pockets", "pocket", "hood", "lace", "laces",
    "collar", "sleeves", "heels", "heel", "sole", "soles", "zip", "zipper", "zippers", "bow", "logo", "print", "handle",
    "handles", "fringe", "fringes", "trim", "dots", "polka dots", "flowers", "pattern", "dial", "frame", "frames",
    "lenses", "neck", "wheels", "pearls", "stones", "beads", "studs", "ruffles", "pleats", "embroidery", "checks",
    "hem",
    "brim", "tassels", "feathers", "sequins", "cuffs", "lining", "waist", "stitching", "holes", "patches", "design",
    "floral print", "round neck", "v-neck", "long sleeves", "short sleeves", "high heels", "gold chain",
    "leather strap",
)  # fmt: skip


def fashion_phrases() -> tuple[str, ...]:
    """List all that captions may call kinds, colours, materials and the like, brands left out."""
    spoken = (
        phrase for table in (KIND_WORDS, COLOUR_WORDS, GENDER_WORDS) for names in table.values() for phrase in names
    )
    return (*spoken, *PLAIN_COLOURS, *CUTS, *MATERIALS, *PATTERNS, *PARTS)
