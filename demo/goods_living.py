"""Clothing, home and garden for the demo marketplace."""

SHELVES: dict[str, str] = {
    "womens-clothing": """
Linen Shirt Dress | each | 69.00 | 30
  Falls below the knee, with pockets deep enough to be useful.
Merino Crew-Neck Jumper, Women's | each | 79.00 | 35
  Fine-gauge wool that is warm on a platform and not too warm in the train.
High-Waisted Straight Jeans | each | 64.99 | 45
  Rigid cotton denim that softens to your shape after a month.
Organic Cotton T-Shirt, Women's | each | 18.99 | 90
  Medium weight with a neckline that keeps its line.
Wool-Blend Winter Coat | each | 149.00 | 18
  Double-breasted, fully lined, and long enough for a bus stop in January.
Pleated Midi Skirt | each | 49.99 | 32
  Swings when you walk and packs without creasing.
Quilted Gilet | each | 59.99 | 28
  Recycled filling between two layers of cotton, for days that cannot decide.
Ribbed Ankle Socks | pack of 3 | 11.99 | 80
  Combed cotton in ink, oat and moss.
""",
    "mens-clothing": """
Oxford Button-Down Shirt | each | 49.99 | 40
  A heavy weave that looks better slightly rumpled.
Organic Cotton T-Shirt, Men's | each | 18.99 | 95
  Cut straight, with taped shoulders, in seven plain colours.
Slim Chinos | each | 54.99 | 50
  Cotton twill with a little stretch, hemmed long so that they can be taken up.
Lambswool V-Neck | each | 69.00 | 30
  Knitted from Scottish yarn that pills less than most.
Waxed Field Jacket | each | 139.00 | 16
  Four pockets, a corduroy collar, and a tin of wax for next year.
Flannel Pyjama Set | each | 44.99 | 34
  Brushed on both sides. Weekends are what it is made for.
Stretch Boxer Shorts | pack of 3 | 24.99 | 75
  Flat seams and a waistband without a scratchy label.
Walking Socks, Wool | pair | 13.99 | 70
  Cushioned at heel and toe, and dry again by morning.
""",
    "garden-tools": """
Stainless Steel Hand Trowel | each | 14.99 | 55
  An ash handle, a blade marked in centimetres, and a point for stubborn clay.
Bypass Secateurs | each | 32.99 | 40
  Clean cuts up to two centimetres. Every part can be ordered as a spare.
Digging Spade, Long Handle | each | 44.99 | 25
  Treads on top spare your boots, ten extra centimetres your back.
Adjustable Leaf Rake | each | 22.99 | 30
  Spreads wide for lawns and closes narrow for between the roses.
Galvanised Watering Can, 9 l | each | 36.99 | 22
  Balanced for a full load, with a brass rose that seedlings forgive.
Leather-Palm Gardening Gloves | pair | 16.99 | 60
  Thorn-proof to the wrist and still fine enough to pick up a seed.
Folding Pruning Saw | each | 26.50 | 28
  Cuts on the pull, locks open and locks shut.
""",
    "seeds-and-bulbs": """
Tomato Seeds, Gardener's Joy | pack of 25 | 2.99 | 120
  A cherry type that crops from July until the frost. Sow indoors in March.
Climbing Bean Seeds, Blue Lake | pack of 40 | 2.79 | 90
  Give them poles of two metres and pick every other day.
Cut-and-Come-Again Salad Mix Seeds | 5 g | 2.49 | 110
  Five leaves in one packet; they regrow three times after the scissors.
Sunflower Seeds, Giant Yellow | pack of 20 | 1.99 | 130
  For races against the children. The record on our street is 3.1 metres.
Daffodil Bulbs, Early Mix | pack of 30 | 9.99 | 60
  Plant at three times their depth in October and then forget about them.
Tulip Bulbs, Queen of Dusk | pack of 15 | 8.49 | 50
  Nearly black, on tall stems that do well in a vase.
Wildflower Meadow Mix | 100 g | 12.99 | 45
  Twenty-two native kinds for ten square metres. Poor soil is a merit here.
""",
    "kitchenware": """
Cast-Iron Skillet, 26 cm | each | 39.99 | 35
  Seasoned with flax oil and good for a century. Never put it in the dishwasher.
Chef's Knife, 20 cm | each | 64.99 | 30
  Forged in one piece, with a handle of smoked oak. It arrives sharp.
End-Grain Chopping Board | each | 54.99 | 20
  Beech blocks set upright, so that the wood closes again behind the blade.
Enamel Casserole, 4 l | each | 89.00 | 18
  Heavy lid, even heat, from the hob to the oven to the table.
Stainless Steel Mixing Bowls | set of 3 | 29.99 | 40
  Nested, with lids, and a ring of rubber below to stop them wandering.
Digital Kitchen Scales | each | 21.99 | 50
  To the gram up to five kilos, and they forget the bowl at a touch.
French Press, 1 l | each | 27.50 | 38
  Double-walled steel: hot for an hour, and impossible to smash.
Silicone Spatulas | set of 4 | 13.99 | 65
  Heat-proof to 230 degrees, seamless, in the sizes that jars demand.
""",
}
