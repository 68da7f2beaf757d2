"""The ``index`` command; results on stdout and beside the index, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
import logging
import time
from functools import partial
from pathlib import Path

from retrieval.commands.options import Subparsers, add_encoder_option, add_follow_links_option, new_command
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import counted

log = logging.getLogger(__name__)

PICTURES_FOLDER = "pictures"


def add_index(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "index",
        run_index,
        description="Encode a folder of pictures; run again after changes, only those are encoded.",
        example="index --images ~/Pictures/shop --out galleries/shop",
    )
    parser.add_argument(
        "--images",
        metavar="DIR",
        help="folder of pictures (and .tar packs); adb:/sdcard/DCIM/Camera copies them from a phone first "
        "(default: the folder of --metadata)",
    )
    parser.add_argument(
        "--metadata",
        metavar="FILE",
        type=Path,
        help="manifest, or a shop's export: Merchant feed, Shopify, WooCommerce (default: metadata.csv in the folder)",
    )
    parser.add_argument("--listed-only", action="store_true", help="leave out pictures that the manifest does not name")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="index folder")
    parser.add_argument(
        "--download",
        action="store_true",
        help="fetch pictures that the manifest names by web address into the index folder, those that lack",
    )
    parser.add_argument(
        "--allow-local-addresses",
        action="store_true",
        help="also fetch from this machine and its network; for manifests of your own",
    )
    parser.add_argument(
        "--shop",
        metavar="ADDRESS",
        default="",
        help="address of the shop, for exports that name no product pages (Shopify, WooCommerce): https://shop.example",
    )
    parser.add_argument(
        "--index",
        metavar="KIND",
        help="auto, exact, hnsw, ivf or milvus:URI (default: what the folder has; auto, by size, when it is new)",
    )
    parser.add_argument(
        "--ray", metavar="ADDRESS", help="encode with Ray Data: local, auto, or a cluster's address (needs ray)"
    )
    parser.add_argument(
        "--tags",
        action="store_true",
        help="also tag what the pictures show, such as dog, coffee or car, to be found by words; kept up from then on "
        "(needs the extra tags; takes two to three times as long)",
    )
    parser.add_argument(
        "--look",
        metavar="NAME",
        help="a second view, to compare pictures with pictures: a DINOv2's folder or hub name, such as "
        "facebook/dinov2-small, or another encoder's; none drops it (default: what the folder has)",
    )
    add_follow_links_option(parser)
    add_encoder_option(parser)
    parser.set_defaults(usage_error=parser.error)


def run_index(args: argparse.Namespace) -> int:
    """Build or update an index folder, and report what became of each picture."""
    from retrieval.encoder.tagging.opening import open_tagger
    from retrieval.gallery.phone import phone_name, pull_pictures
    from retrieval.index.folder.choice import check_wanted

    if args.images is None and args.metadata is None:
        args.usage_error("one of the arguments --images --metadata is required")
    wanted = None if args.index is None else absolute_uri(check_wanted(args.index))
    tagger = open_tagger() if args.tags else None  # first, so that a missing one is told before anything is fetched
    progress = progress_bar()
    named = args.images or str(args.metadata.parent)
    images = pull_pictures(named, progress) if phone_name(named) else Path(named)

    from retrieval.gallery.catalog import Catalog
    from retrieval.gallery.shop.downloads import PictureCache
    from retrieval.gallery.shop.web_pictures import WebPictures

    cache = PictureCache(args.out / PICTURES_FOLDER, args.allow_local_addresses)
    web = WebPictures(cache, args.download, args.shop, progress)
    unlisted = args.images is not None and not args.listed_only
    catalog = Catalog.open(images, args.metadata, unlisted=unlisted, web=web)
    if args.download and not args.shop and not any(item.url for item in catalog.items):
        log.warning("no product has the address of its page; --shop ADDRESS makes them (Shopify, WooCommerce)")

    from retrieval.encoder.opening import open_encoder
    from retrieval.index.report import PICTURES_FILE, write_report
    from retrieval.index.tagging import offer_tags, update_tags
    from retrieval.index.update import update_index

    encoder = open_encoder(args.encoder)
    encode = None
    if args.ray is not None:
        from retrieval.index.ray_encoding import encode_on_ray

        encode = partial(encode_on_ray, encoder.name, args.ray)
    began = time.monotonic()
    index, rows = update_index(catalog, args.out, encoder, progress, wanted, encode, look=args.look)
    tags = update_tags(index, catalog, tagger, progress)
    record = write_report(args.out, catalog, index, rows, time.monotonic() - began, tags)
    if tags is not None and tags.told:
        log.info("%s", tags.told)
    elif tags is None and rows.encoded:
        offer_tags(index, catalog)
    if args.json:
        print(json.dumps(record))
        return 0
    counts = "{encoded} encoded, {kept} unchanged, {removed} removed, {copied} same as another"
    counts += f", {len(tags):,} tagged" if tags is not None else ""
    print(f"{args.out}: {counted(record['count'], 'item')}, {counts.format_map(record)}; {index.search.kind} search")
    if index.look is not None:
        print(f"{counted(record['looked'], 'picture')} seen anew by the second view, {index.look.encoder}")
    if left_out := len(record["unreadable"]) + len(record["skipped"]):
        others = left_out - len(record["unreadable"])
        print(f"{left_out - others} left out, {counted(others, 'other file')} passed over: {args.out / PICTURES_FILE}")
    return 0


def absolute_uri(wanted: str) -> str:
    """Give the file of Milvus Lite its full path: the folder may be searched from anywhere."""
    uri = wanted.removeprefix("milvus:")
    return f"milvus:{Path(uri).absolute()}" if uri != wanted and "://" not in uri else wanted
