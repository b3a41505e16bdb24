"""Where products stand: the tree of categories, and collections put together by hand."""
