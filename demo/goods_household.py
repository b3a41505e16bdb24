"""Household goods for the demo shop: cleaning, paper and personal care."""

SHELVES: dict[str, str] = {
    "laundry": """
Concentrated Washing Liquid | 1.5 l | 8.99 | 70
  Forty washes at thirty degrees. The cap measures, the bottle is half recycled.
Colour-Care Washing Powder | 2.6 kg | 10.49 | 55
  No bleach, so that red stays red. For hard water add half a scoop.
Wool and Silk Detergent | 750 ml | 5.99 | 40
  Neutral and free of enzymes, for jumpers that were a present.
Lavender Fabric Softener | 1 l | 3.49 | 65
  Scented with oil from real flowers, and thin enough not to clog the drawer.
Oxygen Stain Remover | 1 kg | 6.99 | 50
  Stir it into warm water and let grass, wine and gravy soak overnight.
Wooden Clothes Pegs | pack of 36 | 3.29 | 45
  Beech and a steel spring that does not rust into the sheets.
Mesh Laundry Bags | set of 3 | 5.49 | 35
  One for delicates, one for socks and one to take travelling.
""",
    "washing-up": """
Lemon Washing-Up Liquid | 500 ml | 2.19 | 120
  Cuts grease with sugar-based soap and does not cut your hands.
Dishwasher Tablets | pack of 60 | 9.99 | 80
  Salt, rinse and cleaner pressed together, in a film that dissolves.
Dishwasher Salt | 2 kg | 2.79 | 60
  Coarse grains for the softener, to keep limescale off the glasses.
Rinse Aid | 400 ml | 3.29 | 55
  Sheets the water off, so that forks dry without spots.
Cellulose Sponges | pack of 4 | 2.49 | 100
  Plant fibre with a scouring side of walnut shell, compostable in the end.
Bamboo Dish Brush | each | 4.49 | 50
  The head of stiff sisal unscrews and can be replaced on its own.
Cotton Tea Towels | pack of 3 | 7.99 | 45
  Flat-woven and lint-free; they grow thirstier with each wash.
""",
    "surface-cleaners": """
All-Purpose Spray | 750 ml | 3.49 | 90
  For worktops, tables and the fridge door. Smells faintly of grapefruit.
White Vinegar Cleaner | 1 l | 2.29 | 75
  Six per cent acid takes scale off taps and streaks off windows.
Bathroom Limescale Foam | 500 ml | 3.99 | 60
  Clings to tiles while it works for five minutes, then rinses away.
Wood Floor Soap | 1 l | 6.49 | 40
  A linseed soap that feeds oiled boards while it washes them.
Oven Cleaning Paste | 300 g | 5.29 | 35
  Brush on, leave overnight, wipe off last month's lasagne.
Microfibre Cloths | pack of 5 | 5.99 | 70
  Four colours for four rooms, and one to lose. Good for hundreds of washes.
Glass and Mirror Cleaner | 500 ml | 2.99 | 65
  Dries in seconds and leaves nothing behind to see.
""",
    "kitchen-and-toilet-paper": """
Recycled Toilet Paper | pack of 9 | 5.99 | 130
  Three soft plies from office paper that had its say already.
Bamboo Toilet Rolls | pack of 24 | 18.99 | 50
  Tree-free and wrapped in paper, the box that lasts a season.
Kitchen Towel, Extra Long | pack of 2 | 3.49 | 110
  Each roll has twice the usual sheets, and they stay whole when wet.
Balsam Tissues | pack of 3 | 3.79 | 85
  Boxes for the bedside in the cold months, with a trace of aloe.
Pocket Handkerchiefs | 12 x 10 sheets | 2.29 | 95
  Four plies, folded small, one packet for every coat.
Dinner Napkins, White | pack of 50 | 3.99 | 60
  Thick enough to fold into a fan, should you know how.
Unbleached Coffee Filters | pack of 100 | 2.99 | 70
  Size four, brown, with a double-crimped seam.
""",
    "bags-and-wraps": """
Kitchen Foil | 10 m | 2.99 | 90
  Heavy enough to line a roasting tin without tearing at the corner.
Baking Parchment | 20 m | 3.79 | 80
  Silicone-coated on both sides; each sheet can be used three or four times.
Beeswax Food Wraps | set of 3 | 11.99 | 35
  Cotton that clings with the warmth of your hands. Wash it cold and it lasts a year.
Compostable Bin Liners, 10 l | pack of 30 | 4.29 | 100
  For the kitchen caddy; gone within twelve weeks on the heap.
Tie-Top Refuse Sacks, 60 l | pack of 20 | 4.99 | 85
  Made of recycled film, with handles that knot.
Zip Freezer Bags, 3 l | pack of 25 | 3.49 | 75
  Double seal and a white panel to write what it was, and when.
Brown Sandwich Bags | pack of 50 | 2.19 | 65
  Greaseproof paper that folds shut over two rounds.
""",
    "hair-care": """
Daily Shampoo | 400 ml | 4.99 | 75
  Mild coconut soap with nettle, for hair that is washed every morning.
Oat Milk Conditioner | 300 ml | 5.29 | 60
  Untangles in one minute, without weighing fine hair down.
Solid Shampoo Bar | 85 g | 6.99 | 45
  As much as two bottles in a bar that customs will let you keep.
Anti-Dandruff Shampoo | 250 ml | 5.79 | 50
  With two per cent of zinc and a cool tea-tree finish.
Argan Hair Oil | 100 ml | 9.49 | 30
  Three drops in the palms, through the ends, before bed.
Firm Hold Styling Paste | 75 ml | 7.29 | 40
  Matt and workable all day; comes out with warm water.
Wide-Tooth Beech Comb | each | 5.99 | 35
  Sawn and polished by hand, so that no seam catches a curl.
""",
    "oral-care": """
Fluoride Toothpaste, Fresh Mint | 100 ml | 2.49 | 150
  Protects against decay and takes coffee off gently.
Sensitive Toothpaste | 75 ml | 3.79 | 90
  For teeth that complain about ice cream. Give it two weeks.
Children's Strawberry Toothpaste | 50 ml | 2.29 | 70
  Low in fluoride for ages up to six, with a cap that stands up.
Bamboo Toothbrush, Medium | pack of 4 | 6.49 | 80
  Numbered handles end the morning quarrel about whose is whose.
Electric Brush Heads | pack of 4 | 11.99 | 55
  Round, with bristles that fade when it is time for the next.
Waxed Dental Floss | 50 m | 2.79 | 85
  Slides between tight teeth and does not fray.
Alcohol-Free Mouthwash | 500 ml | 3.99 | 65
  Thirty seconds at night, and no burning.
""",
    "soap-and-skin-care": """
Olive Oil Soap | 3 x 100 g | 4.99 | 85
  Cured for three months like a cheese, and just as firm.
Lavender Hand Wash | 300 ml | 3.29 | 95
  Comes in a pump bottle that takes refills.
Hand Wash Refill Pouch | 1 l | 6.49 | 60
  Fills the small bottle three times, using a fifth of the plastic.
Fragrance-Free Body Lotion | 400 ml | 6.99 | 55
  Shea and oat for skin that dislikes perfume.
Sun Cream SPF 50 | 200 ml | 12.99 | 50
  Mineral filters, safe for reefs and for small faces. Reapply after a swim.
Beeswax Lip Balm | 10 g | 2.99 | 110
  A tin for the pocket, with a breath of honey.
Sensitive Shaving Gel | 200 ml | 3.79 | 65
  Foams thickly and soothes with aloe while the razor passes.
""",
}
