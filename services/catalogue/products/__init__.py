"""What staff decide about a product: made, changed, taken out of the shop; its brand, its family, its siblings."""
