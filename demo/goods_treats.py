"""Drinks, snacks and sweets for the demo shop: what is offered to a guest."""

SHELVES: dict[str, str] = {
    "coffee": """
Breakfast Blend Coffee Beans | 1 kg | 16.99 | 70
  A round medium roast of Brazil and Colombia that takes milk well.
Ethiopian Yirgacheffe Beans | 250 g | 8.49 | 45
  Washed and lightly roasted: jasmine on the nose, lemon in the cup.
Dark Espresso Roast, Ground | 250 g | 5.49 | 85
  Ground fine for a moka pot or machine, with a thick hazel crema.
Filter Coffee, Medium Ground | 500 g | 7.99 | 90
  For paper filters and the office machine alike.
Swiss Water Decaf Beans | 250 g | 7.29 | 40
  The caffeine leaves with plain water, and the taste stays behind.
Freeze-Dried Instant Coffee | 200 g | 6.99 | 100
  Arabica granules for mornings that cannot wait four minutes.
Espresso Capsules, Intense | 10 x 5 g | 3.99 | 120
  Aluminium capsules with a roast on the dark side; the empty ones can be recycled.
""",
    "tea": """
English Breakfast Tea Bags | pack of 80 | 4.29 | 140
  Assam and Kenyan leaves, blended to stand up to milk.
Loose-Leaf Earl Grey | 125 g | 5.49 | 60
  Black tea with real oil of bergamot and a few cornflower petals for the eye.
Sencha Green Tea | 100 g | 6.99 | 40
  Steamed Japanese leaf. Let the kettle cool for three minutes first.
Darjeeling First Flush | 75 g | 8.99 | 25
  The spring picking: pale, flowery, and finished by June.
Peppermint Infusion | pack of 20 | 2.49 | 95
  Cut leaves and nothing else, after dinner or after too much of it.
Rooibos Bags | pack of 40 | 3.29 | 75
  Red bush from the Cederberg, naturally without caffeine, kind to a long steep.
Chai Spice Mix | 150 g | 4.79 | 50
  Assam with cardamom, ginger, clove and pepper, to be boiled with milk and sugar.
""",
    "juices-and-soft-drinks": """
Pressed Cloudy Apple Juice | 1 l | 3.29 | 90
  Cox and Bramley from one orchard, pressed and pasteurised, never concentrated.
Orange Juice with Bits | 1 l | 3.49 | 110
  About twelve oranges in a carton, pulp included.
Beetroot and Ginger Shot | 7 x 60 ml | 9.99 | 30
  A week of small bottles that taste of earth and fire.
Elderflower Cordial | 500 ml | 4.29 | 65
  Hand-picked heads steeped for two days. One part to ten of water.
Cloudy Lemonade | 750 ml | 2.59 | 80
  Sicilian lemons, fine bubbles, and less sugar than you would guess.
Craft Cola | 6 x 330 ml | 6.49 | 75
  Kola nut, lime and vanilla, brewed by people who missed the old taste.
Indian Tonic Water | 8 x 150 ml | 4.99 | 95
  Small cans with real quinine, so that no bottle goes flat.
Sparkling Mineral Water | 6 x 1.5 l | 4.79 | 130
  From a spring in old volcanic rock, with a fine natural fizz.
""",
    "chocolate": """
Dark Chocolate 72 % | 100 g | 2.99 | 130
  Single-origin Ecuador, ground for three days. Snaps cleanly and ends on raisin.
Milk Chocolate with Hazelnuts | 180 g | 3.49 | 110
  Whole roasted nuts, close enough that no square goes without.
Sea Salt Caramel Truffles | 150 g | 6.99 | 45
  Fourteen domes with a liquid middle. Eat each in one bite or wear it.
White Chocolate with Raspberry | 90 g | 2.79 | 60
  Freeze-dried fruit cuts through the cream.
Drinking Chocolate Flakes | 250 g | 5.49 | 55
  Shaved from real bars; three spoons melt in a mug of hot milk.
Baking Chocolate Drops 54 % | 500 g | 5.99 | 70
  They keep their shape in a cookie and melt evenly in a bowl.
Chocolate-Coated Ginger | 125 g | 4.29 | 35
  Soft crystallised stems in a thin dark coat, sweet first and hot later.
""",
    "biscuits": """
All-Butter Shortbread | 200 g | 3.29 | 100
  Flour, butter and sugar in the old ratio, pricked and baked pale.
Digestive Biscuits | 400 g | 1.89 | 160
  Wholemeal, slightly salty, and built for dunking.
Dark Chocolate Cookies | 8 x 25 g | 2.99 | 95
  Crisp rim, soft middle, chunks as large as a fingernail.
Ginger Nuts | 300 g | 1.79 | 105
  So hard that they ask for tea, so hot that they ask for another.
Oat and Raisin Flapjacks | 6 x 35 g | 2.69 | 70
  Chewy with golden syrup, cut to fit a rucksack pocket.
Rosemary Crackers | 185 g | 2.79 | 65
  Thin sourdough crisps that bear a cheese without arguing with it.
Almond Cantuccini | 250 g | 3.99 | 50
  Baked twice and cut on the slant, for sweet wine or strong coffee.
""",
    "crisps-and-nuts": """
Sea Salt Crisps | 150 g | 2.29 | 150
  Cooked by the kettle, one batch at a time, skins left on.
Cheese and Onion Crisps | 6 x 25 g | 2.49 | 140
  The flavour that empties the lunch box first.
Lightly Salted Tortilla Chips | 200 g | 2.19 | 120
  Stone-ground corn triangles strong enough for guacamole.
Roasted Salted Cashews | 200 g | 4.49 | 85
  Large whole nuts, dry-roasted until blond.
Natural Almonds | 500 g | 7.99 | 75
  Raw, unskinned, and as good in a cake as by the handful.
Wasabi Peas | 150 g | 2.49 | 60
  Crunchy green pellets that go straight up the nose.
Sweet and Salty Popcorn | 90 g | 1.99 | 95
  Popped in rapeseed oil; the two tastes take turns.
Trail Mix with Cranberries | 350 g | 5.29 | 55
  Walnuts, pumpkin seeds and red fruit for the second hour of a walk.
""",
}
