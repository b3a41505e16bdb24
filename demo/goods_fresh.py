"""Fresh food for the demo shop: produce, dairy, the bakery, the butcher and the fishmonger."""

SHELVES: dict[str, str] = {
    "fruit": """
Gala Apples | 1 kg | 3.49 | 180
  Crisp, sweet and thin-skinned, and small enough for a lunch box.
Bramley Cooking Apples | 1 kg | 3.29 | 90
  Large sour apples that fall to a fluff in the pan. Sugar, cloves and a pie dish are all they ask for.
Conference Pears | 4 x 160 g | 2.79 | 110
  Long russet pears, sold firm. Two days on the windowsill make them drip.
Ripe Bananas | 5 x 120 g | 1.49 | 260
  A hand of five at the yellow stage, ready to peel on the way to work.
Seville Oranges | 1 kg | 3.99 | 60
  Bitter and full of pips, which is exactly what marmalade wants.
Unwaxed Lemons | 4 x 100 g | 2.19 | 200
  No wax on the skin, so the zest may go straight into the cake.
Dessert Strawberries | 400 g | 3.79 | 75
  Picked at dawn and cooled within the hour. Best on the day they reach you.
Wild-Type Blueberries | 250 g | 3.49 | 85
  Small berries with a dark skin and more taste than water.
""",
    "vegetables": """
Maris Potatoes | 2.5 kg | 3.19 | 150
  A floury all-rounder: it mashes, roasts and makes a proper chip.
Heritage Carrots | 700 g | 1.99 | 130
  Orange, yellow and purple roots in one bag; the purple ones keep their colour if steamed.
Brown Onions | 1 kg | 1.39 | 240
  Where most suppers begin. Kept dark and dry they last for weeks.
Tenderstem Broccoli | 220 g | 2.49 | 95
  Slim stalks that are eaten whole, tip to toe, after three minutes in the pan.
Savoy Cabbage | each | 1.29 | 70
  Crinkled dark leaves round a pale heart. Shred it thin and cook it fast with butter.
Butternut Squash | each | 2.29 | 65
  Sweet orange flesh under a hard skin, for soup, risotto or the roasting tin.
Chestnut Mushrooms | 300 g | 1.89 | 120
  Browner and firmer than the white kind, with a taste of autumn woods.
Flat Green Beans | 250 g | 1.79 | 80
  Wide, tender pods without strings. Boil them five minutes and dress them while hot.
""",
    "salads-and-herbs": """
Little Gem Lettuce | pack of 2 | 1.59 | 115
  Two tight hearts, crunchy to the last leaf; they also char well on a grill.
Vine Tomatoes | 500 g | 2.69 | 140
  Ripened on the branch, which is still attached and smells of greenhouse.
Half Cucumber | each | 0.89 | 125
  Half of a long one, wrapped at the cut, for those who never finish a whole.
Rocket Leaves | 90 g | 1.49 | 100
  Peppery long leaves, washed and ready for a plate of ham or a pizza just out of the oven.
Radishes with Tops | bunch | 1.19 | 55
  Pink globes to eat with salt and butter. The leaves make a good soup.
Living Basil | each | 2.29 | 60
  A pot with its roots on. Water it from below and it outlives any cut bunch.
Flat-Leaf Parsley | bunch | 0.99 | 90
  Generously tied, for tabbouleh as well as for the sprig on top.
Garden Mint | bunch | 0.99 | 70
  Cut in the morning for new potatoes, yoghurt sauces and tea.
""",
    "milk-and-cream": """
Whole Milk | 2 l | 2.99 | 160
  Pasteurised, not homogenised, so the cream rises to the top. Shake before pouring.
Semi-Skimmed Milk | 1 l | 1.69 | 210
  Half of the cream is taken off; what stays is right for tea and porridge.
Lactose-Free Milk | 1 l | 2.29 | 70
  Cow's milk with the sugar already split, for those whom the ordinary kind troubles.
Barista Oat Drink | 1 l | 2.59 | 130
  Made from whole oats and steamed without splitting. It froths like milk and is none.
Double Cream | 300 ml | 2.39 | 80
  Thick enough to hold a spoon upright for a moment. Whip it gently.
Crème Fraîche | 200 g | 1.79 | 65
  Ripened cream with a light sourness that does not curdle in a hot sauce.
Cultured Buttermilk | 500 ml | 1.59 | 45
  Tart and thin, the secret of tall pancakes and tender scones.
""",
    "cheese": """
Farmhouse Cheddar | 350 g | 5.49 | 95
  Fourteen months in cloth: crumbly at the rind, creamy inside, with a bite at the end.
Young Gouda | 250 g | 3.99 | 85
  Mild and elastic, cut from the wheel. It slices thin and melts without going oily.
Mountain Gruyère | 200 g | 5.29 | 50
  Nutty Alpine cheese aged for ten months. No fondue should start without it.
Grated Parmesan | 80 g | 3.19 | 110
  From wheels of two years, grated the week it is packed.
Buffalo Mozzarella | 125 g | 2.99 | 60
  Soft, milky, and best torn by hand an hour after leaving the fridge.
Blue Stilton | 180 g | 4.19 | 40
  Ivory paste with blue veins. A pear and a dry biscuit are its proper company.
Feta in Brine | 200 g | 2.89 | 90
  Sheep's and goat's milk, left in its brine so that it stays moist and salty.
Soft Goat's Log | 150 g | 3.49 | 55
  A fresh log with a thin bloom; sliced and grilled it makes a starter in four minutes.
""",
    "yoghurt": """
Strained Greek Yoghurt | 500 g | 3.49 | 120
  Ten per cent fat and thick enough to slice. Honey and walnuts turn it into pudding.
Plain Live Yoghurt | 1 kg | 3.29 | 100
  Set in the pot with four cultures. A spoon of it starts your own at home.
Strawberry Yoghurt | 4 x 125 g | 2.49 | 90
  Pieces of real fruit at the bottom, to be stirred up or dug for.
Vanilla Skyr | 450 g | 3.19 | 75
  The Icelandic way: hardly any fat, much protein, and seeds of real vanilla.
Coconut Yoghurt Alternative | 350 g | 3.79 | 45
  Fermented coconut milk with live cultures, and nothing from a cow.
Lemon Curd Yoghurt | 150 g | 1.29 | 80
  Creamy yoghurt over a layer of sharp curd. A pudding that passes for breakfast.
Drinking Kefir | 500 ml | 2.69 | 65
  Lightly sparkling sour milk, fermented for a day and a night.
""",
    "butter-and-eggs": """
Salted Butter | 250 g | 2.89 | 170
  Churned from sweet cream, with one and a half per cent of sea salt.
Unsalted Butter | 250 g | 2.89 | 150
  The one for baking, since the recipe decides about the salt.
Cultured Butter Roll | 200 g | 3.69 | 45
  The cream ripens overnight before churning and leaves a hazelnut taste.
Ghee | 300 g | 5.99 | 40
  Butter cooked until clear and nutty. It fries hot without burning and keeps for months.
Spreadable Olive Blend | 500 g | 3.29 | 70
  Butter with olive oil worked in, soft straight out of the fridge.
Free-Range Eggs, Large | pack of 12 | 4.49 | 140
  From hens that walk outdoors by day. Each box is stamped with the farm.
Free-Range Eggs, Mixed Sizes | pack of 6 | 2.19 | 160
  Whatever the hens laid this week, from small to very large.
Quail Eggs | pack of 12 | 3.99 | 30
  Speckled and tiny; two and a half minutes in boiling water are enough.
""",
    "bread": """
White Sourdough | 800 g | 4.29 | 60
  Flour, water, salt and thirty hours of patience. The crust crackles, the crumb stays moist.
Seeded Wholemeal Loaf | 800 g | 3.19 | 75
  Sunflower, linseed and poppy in a dense brown loaf that toasts evenly.
Dark Rye Bread | 500 g | 3.49 | 50
  Close and slightly sour, cut thin. It is better on the third day than on the first.
Baguette | each | 1.49 | 90
  Baked twice a day. Buy two: one rarely survives the way home.
Soft White Rolls | pack of 6 | 2.19 | 85
  Floury tops and a pillow inside, for burgers or a bacon breakfast.
Garlic Flatbread | pack of 2 | 2.79 | 55
  Brushed with garlic butter and parsley. Five minutes in the oven bring it back to life.
Plain Bagels | pack of 5 | 2.59 | 65
  Boiled before they are baked, hence the shine and the chew.
Corn Tortillas | pack of 12 | 2.49 | 70
  Stone-ground maize and lime, nothing else. Warm them dry in a pan.
""",
    "cakes-and-pastries": """
Butter Croissants | pack of 4 | 3.99 | 55
  Twenty-seven layers, a quarter of them butter. Keep a plate under it.
Pains au Chocolat | pack of 4 | 4.29 | 45
  Two sticks of dark chocolate rolled up in flaky dough.
Cinnamon Buns | pack of 2 | 3.29 | 40
  Knotted, sticky, and scented with cardamom as well as cinnamon.
Victoria Sponge | 600 g | 6.99 | 20
  Two light layers held together by raspberry jam and buttercream. Serves eight, or four with no shame.
Carrot Cake Slice | 120 g | 2.49 | 50
  Moist with walnuts and orange peel, under a thick cream-cheese icing.
Custard Tarts | pack of 4 | 3.49 | 35
  Blistered tops, wobbling middles and pastry that shatters.
Fruit Scones | pack of 4 | 2.69 | 45
  Sultanas in a soft crumb. Split them by hand, never with a knife.
""",
    "meat-and-poultry": """
Whole Free-Range Chicken | 1.6 kg | 11.99 | 30
  Slow-grown for ten weeks. It roasts in an hour and a half and gives soup the day after.
Chicken Thigh Fillets | 600 g | 6.49 | 60
  Boned and skinned, and harder to overcook than breast.
Lean Minced Beef | 500 g | 5.99 | 80
  Coarsely ground with seven per cent of fat, for bolognese, chilli or cottage pie.
Rib-Eye Steak | 250 g | 9.99 | 35
  Hung for twenty-eight days. The seam of fat is where the taste lives.
Lamb Shoulder, Boned and Rolled | 1.2 kg | 17.99 | 18
  Tied and ready for a slow afternoon in the oven with garlic and anchovy.
Pork and Leek Sausages | 6 x 70 g | 4.49 | 70
  Nine-tenths pork in natural skins. Fry them slowly.
Smoked Back Bacon | 250 g | 3.99 | 90
  Dry-cured and smoked over oak, so that no white water runs into the pan.
Turkey Escalopes | 400 g | 5.79 | 40
  Beaten thin, for breadcrumbs or a two-minute sauté.
""",
    "fish-and-seafood": """
Salmon Fillets | 2 x 130 g | 6.99 | 55
  Skin on and pin-boned. Start them skin side down and leave them alone.
Cod Loin | 300 g | 8.49 | 35
  Thick white flakes from the best part of the fish, line-caught.
Smoked Mackerel | 200 g | 3.79 | 65
  Hot-smoked with cracked pepper. It becomes pâté with a fork and some horseradish.
Raw King Prawns | 180 g | 5.49 | 50
  Peeled, but with the tail left on. They are done when they blush.
Mussels in Shell | 1 kg | 5.99 | 25
  Rope-grown and scrubbed. Throw away any that do not open in the pan.
Yellowfin Tuna Steaks | 2 x 110 g | 7.49 | 28
  Deep red and lean; a minute on each side over fierce heat.
Undyed Smoked Haddock | 280 g | 6.29 | 32
  Pale, not yellow, since nothing but smoke has touched it. Poach it in milk.
""",
}
