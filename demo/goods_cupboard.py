"""Frozen foods and the food cupboard for the demo shop: what a kitchen keeps for weeks."""

SHELVES: dict[str, str] = {
    "frozen-fruit-and-vegetables": """
Garden Peas | 900 g | 2.49 | 140
  Podded and frozen within three hours of the field, hence sweeter than most fresh ones.
Leaf Spinach Portions | 750 g | 2.29 | 95
  Little blocks of whole leaf: take two for eggs, ten for a curry.
Sliced Mixed Peppers | 500 g | 2.19 | 85
  Red, green and yellow strips that go into the pan without thawing.
Sweetcorn Kernels | 800 g | 2.09 | 90
  Cut from the cob at its sweetest. A handful cools and feeds a soup at once.
Oven Chips | 1.5 kg | 3.29 | 120
  Thick-cut potatoes and a little sunflower oil, crisp in twenty-two minutes.
Smoothie Berry Mix | 1 kg | 6.49 | 60
  Raspberries, blackcurrants and blueberries, enough for seven breakfasts.
Mango Chunks | 500 g | 3.49 | 70
  Ripe Alphonso, diced by hand, for lassi or for eating half-frozen in July.
""",
    "frozen-meals": """
Stone-Baked Margherita | 340 g | 3.99 | 80
  Thin base, tomato, mozzarella and a scorched edge. Add your own basil.
Four-Cheese Lasagne | 400 g | 4.79 | 65
  Sheets of egg pasta between spinach, ricotta and a bubbling top. Feeds one hungry person.
Chicken Tikka Masala with Rice | 450 g | 4.99 | 60
  Charred pieces in a mild tomato sauce, with pilau rice in its own half of the tray.
Cod Fish Fingers | 10 x 28 g | 4.29 | 110
  Whole fillet, never mince, in a golden crumb. No childhood is complete without them.
Vegetable Spring Rolls | 12 x 20 g | 3.49 | 75
  Cabbage, carrot and glass noodles in crackling pastry, with a sachet of plum sauce.
Bean and Sweetcorn Burgers | 4 x 113 g | 3.79 | 70
  Black beans and maize with smoked paprika. They hold together on the barbecue.
Beef and Ale Pie | 250 g | 3.69 | 50
  Shin of beef cooked until it gives up, under a lid of shortcrust.
""",
    "ice-cream": """
Madagascan Vanilla Ice Cream | 500 ml | 4.99 | 75
  Custard-based and speckled with seeds, the measure of any freezer.
Salted Caramel Ice Cream | 500 ml | 5.29 | 65
  Burnt just enough to be bitter at the edges, with ribbons of sauce.
Pistachio Gelato | 460 ml | 6.49 | 35
  Sicilian nuts and no colouring: it is meant to be beige.
Lemon Sorbet | 500 ml | 4.29 | 45
  Water, sugar and a great deal of juice. It wakes up any palate.
Chocolate-Dipped Vanilla Bars | 4 x 90 ml | 4.49 | 80
  Thick dark shell over a dense core. The stick is of birch.
Mango Fruit Lollies | 6 x 70 ml | 3.49 | 70
  Nine-tenths fruit, frozen on a stick for the garden.
Raspberry Ripple Tub | 2 l | 4.99 | 40
  Pink and white, in the size that birthdays require.
""",
    "pasta-rice-and-grains": """
Bronze-Cut Spaghetti | 500 g | 2.29 | 190
  The rough surface of the old dies makes the sauce hold on.
Penne Rigate | 1 kg | 2.79 | 160
  Ridged quills of durum wheat, ready in eleven minutes.
Egg Tagliatelle Nests | 250 g | 2.69 | 85
  Broad ribbons with seven eggs to the kilo, for ragù and mushrooms.
Aged Basmati Rice | 1 kg | 4.49 | 150
  Matured for a year, so that each grain cooks long and separate.
Carnaroli Risotto Rice | 500 g | 3.99 | 70
  Swells and creams without turning to porridge; it forgives a cook who looks away.
Red Quinoa | 400 g | 4.29 | 60
  Rinsed of its bitter coat. Fifteen minutes, then fluff with a fork.
Medium Couscous | 1 kg | 2.99 | 95
  Pour on boiling stock, cover and wait five minutes. That was the cooking.
Pearl Barley | 500 g | 1.79 | 55
  Gives body to broth and makes a nutty winter risotto.
""",
    "tins-and-jars": """
Peeled Plum Tomatoes | 4 x 400 g | 3.49 | 220
  Whole San Marzano type in their own juice. Crush them by hand.
Chickpeas in Water | 400 g | 0.89 | 260
  Tender and skins on. Save the liquid: it whips up like egg white.
Red Kidney Beans | 400 g | 0.89 | 180
  Cooked through and only lightly salted, half of a good chilli.
Coconut Milk | 400 ml | 1.69 | 150
  First pressing, with the cream on top. Seventeen per cent fat.
Tuna in Olive Oil | 3 x 80 g | 5.49 | 130
  Pole-and-line skipjack in large pieces; the oil is good enough for the salad.
Kalamata Olives | 290 g | 3.29 | 75
  Purple, almond-shaped and cured in red wine vinegar. Mind the stones.
Basil Pesto | 190 g | 3.19 | 90
  Pounded with pine kernels and aged cheese. Loosen it with a spoon of pasta water.
Seville Marmalade | 340 g | 3.49 | 80
  Coarse cut, cooked in open pans, and bitter enough for grown-ups.
Crunchy Peanut Butter | 350 g | 3.29 | 110
  Roasted nuts and a pinch of salt; the oil on top is a good sign.
""",
    "oils-and-vinegars": """
Extra Virgin Olive Oil | 500 ml | 8.99 | 95
  Cold-pressed in November from one estate: grassy at first, peppery at the back.
Everyday Olive Oil | 1 l | 9.49 | 85
  Milder and lighter, for frying and for baking focaccia.
Cold-Pressed Rapeseed Oil | 500 ml | 4.79 | 70
  Golden yellow with a taste of hay and nuts. It stands high heat.
Toasted Sesame Oil | 250 ml | 3.99 | 60
  A few drops at the end are plenty. Not for frying.
Balsamic Vinegar of Modena | 250 ml | 4.49 | 80
  Grape must, aged in barrels until sweet and sour agree.
Cider Vinegar with the Mother | 500 ml | 3.29 | 65
  Cloudy and unpasteurised, made from whole apples.
Rice Vinegar | 350 ml | 2.99 | 50
  Gentle and clear, for sushi rice and quick pickles.
""",
    "herbs-and-spices": """
Black Peppercorns | 100 g | 3.29 | 120
  Tellicherry berries left long on the vine. Grind them late.
Sweet Smoked Paprika | 75 g | 2.79 | 85
  Peppers dried over oak for a fortnight, then milled five times.
Ground Cumin | 50 g | 1.69 | 100
  Warm and earthy. Half a minute in hot oil doubles its strength.
Dried Oregano | 20 g | 1.59 | 90
  Mountain-grown and rubbed from the stalk, with pizza in mind.
Cinnamon Sticks | 40 g | 2.19 | 70
  True Ceylon quills, thin as paper and sweet rather than hot.
Garam Masala | 60 g | 2.39 | 75
  Nine spices roasted whole and ground together. Add it when the curry is nearly done.
Flaked Sea Salt | 250 g | 3.49 | 130
  Pyramids raked from shallow pans. Crush between finger and thumb.
Saffron Threads | 1 g | 7.99 | 25
  Hand-picked stigmas; a pinch steeped in warm milk colours rice for six.
""",
    "breakfast-cereals": """
Rolled Porridge Oats | 1 kg | 2.19 | 170
  Whole oats, steamed and flattened, and nothing besides. Soaked overnight they need no pan.
Toasted Muesli | 750 g | 4.49 | 80
  Rye and oat flakes baked with honey, hazelnuts and raisins.
Honey and Almond Granola | 500 g | 4.29 | 75
  Baked in clusters that survive the milk for a while.
Corn Flakes | 500 g | 2.69 | 110
  Maize, malt and a little salt, the crunch before school.
Wheat Biscuits | pack of 24 | 2.99 | 100
  Two make a breakfast and hot milk makes it a winter one.
Bran Sticks with Fruit | 500 g | 3.19 | 55
  Much fibre, with dried apple and figs to make you forget it.
Puffed Spelt | 200 g | 2.59 | 45
  Light grains popped by steam, unsweetened, for small hands to pick up.
""",
}
