"""Says what photos show: ImageNet's classes, and what people call them."""
