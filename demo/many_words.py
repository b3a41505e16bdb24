"""The words that thousands of goods are named with: makers, sizes, and kinds of goods in their varieties."""

# Each first word goes with each second: "Amber Acre", "Amber Barn" ...
FIRST_WORDS = (
    "Amber, Ashford, Birch, Blackwell, Bramble, Brindle, Cedar, Chapel, Copper, Cove, Dale, Elder, Fallow, "
    "Fern, Flint, Foxley, Gable, Garnet, Hadley, Harrow, Hazel, Heron, Holly, Ivy, Juniper, Kestrel, Lark, "
    "Linden, Marlow, Meadow, Millbrook, North, Orchard, Pebble, Quarry, Rowan, Silver, Thistle, Willow, Wren"
)
SECOND_WORDS = (
    "Acre, Barn, Bay, Bridge, Brook, Corner, Cottage, Creek, Farm, Field, Forge, Gate, Grove, Harbour, Hill, "
    "House, Lane, Mill, Park, Ridge, Row, Street, Vale, Well, Yard"
)

# Sizes that are also the unit the goods are sold by, small to large.
MEASURES: dict[str, tuple[str, str, str]] = {
    "bags": ("500 g", "1 kg", "2 kg"),
    "bars": ("50 g", "100 g", "200 g"),
    "bottles": ("330 ml", "500 ml", "1 l"),
    "boxes": ("pack of 20", "pack of 40", "pack of 80"),
    "cakes": ("75 g", "100 g", "250 g"),
    "canisters": ("750 ml", "1.5 l", "3 l"),
    "flasks": ("250 ml", "500 ml", "750 ml"),
    "grams": ("150 g", "250 g", "500 g"),
    "loaves": ("400 g", "600 g", "800 g"),
    "meals": ("250 g", "400 g", "800 g"),
    "packets": ("1 g", "2 g", "5 g"),
    "packs": ("pack of 4", "pack of 8", "pack of 16"),
    "sets": ("set of 2", "set of 4", "set of 8"),
    "sheets": ("10 m", "20 m", "50 m"),
    "small": ("40 g", "75 g", "150 g"),
    "tins": ("200 g", "400 g", "800 g"),
    "tubes": ("50 ml", "75 ml", "125 ml"),
}
# Looks of goods that are sold by the piece, plain to fine.
LOOKS: dict[str, tuple[str, str, str]] = {
    "bindings": ("Pocket Edition", "Paperback", "Hardback"),
    "colours": ("Slate Grey", "Deep Blue", "Natural Oak"),
    "editions": ("Mini Edition", "Standard Edition", "Deluxe Edition"),
    "wear": ("Small", "Medium", "Large"),
}

# category | noun | cents for the middle size | sizes or looks | one thing to say of it
#   varieties
KINDS = """
fruit | Apples | 349 | bags | Keep cool.
  Russet, Crisp Red, Sweet Green, Golden, Early, Blush, Tart, Striped
fruit | Plums | 399 | bags | Ripe when they yield to a thumb.
  Purple, Yellow, Sweet, Sugar, Early Blue, Late, Wild, Round Red
vegetables | Potatoes | 299 | bags | Keep dark.
  Floury, Waxy, New, Red-Skinned, Baking, Roasting, Salad, Blue
vegetables | Carrots | 199 | bags | Sweet raw, sweeter roasted.
  Bunched, Baby, Washed, Purple, Yellow, Juicing, Long, Round
salads-and-herbs | Salad Leaves | 179 | small | Washed and ready for the bowl.
  Mixed, Bitter, Baby, Peppery, Crunchy, Red, Asian, Butterhead
milk-and-cream | Milk | 189 | bottles | Keep below five degrees and drink within three days of opening.
  Whole, Skimmed, Semi-Skimmed, Jersey, Goat's, Filtered, Hay, Evening
cheese | Cheese | 499 | grams | Take it out of the fridge an hour before serving.
  Mild, Mature, Smoked, Blue, Washed-Rind, Goat's, Sheep's, Nettle
yoghurt | Yoghurt | 299 | grams | Live cultures, and no gelatine.
  Plain, Peach, Raspberry, Honey, Rhubarb, Blackcurrant, Coffee, Fig
butter-and-eggs | Butter | 289 | grams | Churned in small barrels.
  Salted, Unsalted, Whey, Cultured, Garlic, Lemon, Seaweed, Truffle
bread | Loaf | 349 | loaves | Baked on stone.
  White, Brown, Rye, Oat, Spelt, Walnut, Malted, Potato
cakes-and-pastries | Muffins | 329 | packs | Best within two days.
  Blueberry, Bran, Double Chocolate, Banana, Pumpkin, Apple, Lemon, Cherry
meat-and-poultry | Sausages | 449 | meals | In natural skins. Cook through.
  Pork, Beef, Chicken, Venison, Lamb, Apple, Fennel, Chilli
fish-and-seafood | Fish Fillets | 649 | grams | Skinned and boned by hand.
  Cod, Haddock, Trout, Hake, Plaice, Sea Bass, Pollock, Sole
frozen-fruit-and-vegetables | Frozen Vegetables | 249 | bags | Cook from frozen.
  Mixed, Steaming, Soup, Stir-Fry, Roasting, Summer, Winter, Grilled
frozen-fruit-and-vegetables | Frozen Berries | 449 | bags | Good in porridge while still hard.
  Mixed, Sour, Dark, Forest, Red, Garden, Jam, Dessert
frozen-meals | Frozen Curry | 429 | meals | Heat it until it bubbles in the middle.
  Chickpea, Chicken, Lamb, Spinach, Aubergine, Prawn, Lentil, Pumpkin
ice-cream | Ice Cream | 479 | flasks | Ten minutes out of the freezer do it good.
  Vanilla, Strawberry, Hazelnut, Coffee, Rum and Raisin, Stracciatella, Coconut, Fudge
pasta-rice-and-grains | Pasta | 229 | bags | Boil it in plenty of salted water.
  Spelt, Durum, Wholemeal, Egg, Spinach, Lentil, Corn, Tomato
pasta-rice-and-grains | Rice | 349 | bags | Rinse before cooking.
  Basmati, Jasmine, Brown, Red, Black, Sushi, Pudding, Paella
tins-and-jars | Beans | 119 | tins | Cooked, and ready to warm.
  Black, White, Kidney, Butter, Pinto, Borlotti, Baked, Mung
tins-and-jars | Jam | 329 | grams | More fruit than sugar.
  Apricot, Strawberry, Raspberry, Quince, Damson, Cherry, Gooseberry, Fig
oils-and-vinegars | Oil | 699 | flasks | Keep it away from the light.
  Olive, Sunflower, Rapeseed, Walnut, Hazelnut, Pumpkin Seed, Avocado, Linseed
oils-and-vinegars | Vinegar | 349 | flasks | Splash it on late.
  Malt, Apple, Sherry, Red Wine, White Wine, Raspberry, Honey, Tarragon
herbs-and-spices | Spice Mix | 249 | small | Blended in small lots.
  Curry, Barbecue, Taco, Gingerbread, Ras el Hanout, Fish, Pickling, Jerk
breakfast-cereals | Muesli | 399 | bags | Stir before pouring: the nuts sink.
  Fruit, Nut, Crunchy, Chocolate, Unsweetened, Tropical, Seed, Apple
coffee | Coffee Beans | 849 | grams | Roasted this month.
  Breakfast, Espresso, Filter, Dark Roast, Light Roast, Decaf, Highland, House
tea | Tea Bags | 399 | boxes | Bags without plastic.
  Assam, Ceylon, Green, Camomile, Lemon, Evening, Jasmine, Fruit
juices-and-soft-drinks | Juice | 329 | bottles | Shake well.
  Apple, Orange, Pear, Grape, Tomato, Carrot, Cranberry, Pineapple
juices-and-soft-drinks | Soda | 229 | bottles | Serve it cold.
  Lemon, Ginger, Rhubarb, Cola, Grapefruit, Cherry, Lime, Elderflower
chocolate | Chocolate | 329 | bars | Made from the bean in one house.
  Dark, Milk, White, Almond, Orange, Mint, Nougat, Chilli
biscuits | Biscuits | 249 | grams | Close the tin.
  Butter, Oat, Ginger, Chocolate Chip, Lemon, Spelt, Almond, Shortcake
crisps-and-nuts | Crisps | 229 | small | Fried in small kettles.
  Salted, Paprika, Vinegar, Sour Cream, Pepper, Rosemary, Chilli, Onion
crisps-and-nuts | Nuts | 549 | grams | No palm oil.
  Mixed, Roasted, Smoked, Candied, Tamari, Honey, Raw, Spiced
laundry | Washing Liquid | 749 | canisters | Works from twenty degrees.
  Fresh, Sensitive, Colour, White, Sport, Baby, Dark, Wool
washing-up | Washing-Up Liquid | 249 | flasks | A few drops are enough.
  Lemon, Mint, Aloe, Orange, Neutral, Grapefruit, Lavender, Almond
surface-cleaners | Cleaner | 329 | flasks | Try it on a hidden spot first.
  Kitchen, Bathroom, Floor, Glass, Oven, Steel, Wood, Tile
kitchen-and-toilet-paper | Paper Rolls | 549 | packs | From certified pulp.
  Soft, Recycled, Bamboo, Quilted, Kitchen, Strong, Unbleached, Extra Long
bags-and-wraps | Wrap | 379 | sheets | The box has a cutter.
  Foil, Parchment, Cling, Beeswax, Freezer, Sandwich, Greaseproof, Compostable
hair-care | Shampoo | 549 | flasks | Without silicone.
  Daily, Repair, Volume, Curl, Colour, Gentle, Nettle, Birch
oral-care | Toothpaste | 279 | tubes | With fluoride.
  Mint, Herbal, Sensitive, Whitening, Children's, Charcoal, Sage, Cinnamon
soap-and-skin-care | Soap | 399 | cakes | Let it dry between uses.
  Olive, Lavender, Goat's Milk, Pine, Rose, Oat, Clay, Honey
soap-and-skin-care | Hand Cream | 599 | tubes | Sinks in within a minute.
  Almond, Shea, Camomile, Winter, Gardener's, Night, Marigold, Unscented
phone-accessories | Phone Case | 1999 | colours | Wireless charging works through it.
  Leather, Clear, Rugged, Felt, Cork, Slim, Folding, Silicone
phone-accessories | Charger | 2499 | colours | Two years' guarantee.
  Travel, Fast, Car, Desk, Wireless, Solar, Twin, Night
computer-accessories | Keyboard | 5999 | colours | Layouts can be chosen on the packing slip.
  Compact, Quiet, Mechanical, Split, Wireless, Backlit, Low-Profile, Numeric
audio | Headphones | 7999 | colours | Spare pads are sold.
  Studio, Travel, Sport, Open, Folding, Wired, Bass, Kids'
fiction | Mystery Novel | 1299 | bindings | Do not read the last page first.
  Harbour, Village, Winter, Railway, Museum, Island, Theatre, Garden
cookery-books | Cookery Book | 2299 | bindings | Each recipe was cooked three times.
  Baking, Vegetable, Soup, Weeknight, Holiday, Student, Grill, Pickling
childrens-books | Storybook | 899 | bindings | For reading aloud.
  Bedtime, Pirate, Dragon, Farmyard, Space, Forest, Seaside, Snow
womens-clothing | Cardigan | 5999 | wear | Wash by hand.
  Merino, Cropped, Long, Cable-Knit, Cotton, Belted, Chunky, Striped
mens-clothing | Shirt | 4499 | wear | True to size.
  Oxford, Linen, Flannel, Denim, Poplin, Checked, Twill, Work
garden-tools | Garden Fork | 2999 | wear | Oil the handle in autumn.
  Border, Digging, Hand, Compost, Potato, Long, Children's, Stainless
seeds-and-bulbs | Seeds | 279 | packets | Tested for germination this year.
  Tomato, Basil, Lettuce, Poppy, Cosmos, Beetroot, Pea, Sunflower
kitchenware | Saucepan | 4499 | wear | The lid fits.
  Steel, Copper, Enamel, Milk, Non-Stick, Heavy, Induction, Pouring
kitchenware | Bowls | 2499 | sets | They stack.
  Soup, Cereal, Mixing, Salad, Rice, Dipping, Pasta, Serving
board-games | Board Game | 2999 | editions | The rules are one page long.
  Family, Strategy, Party, Travel, Word, Castle, Railway, Market
toys | Plush Toy | 1899 | wear | Safe from birth.
  Bear, Hare, Fox, Owl, Whale, Badger, Duck, Elephant
cycling | Bike Bag | 3999 | colours | Keeps rain out.
  Saddle, Frame, Handlebar, Pannier, Top-Tube, Rack, Tool, Commuter
camping | Lantern | 2699 | colours | Lasts a weekend.
  Folding, Gas, Solar, Candle, Wind-Up, Tent, Storm, Pocket
gifts-and-cards | Greeting Cards | 899 | packs | Envelopes come with them.
  Birthday, Wedding, Blank, Floral, Winter, Thank-You, New Home, Anniversary
everything-else | Storage Box | 1499 | wear | Folds flat when empty.
  Felt, Bamboo, Stackable, Under-Bed, Shoe, Wire, Document, Tool
"""
