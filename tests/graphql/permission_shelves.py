"""The table of permissions of categories, families and collections."""

from graphql_api.permissions import Permission
from tests.graphql.permission_outcomes import ADMIN, ANYONE, NO_SUCH_PRODUCT, NULL, PRODUCTS, Rows

# See permission_table.py for the words in capitals.
SHELVES: dict[str, Rows] = {
    "Query.category": (
        Permission.ANYONE,
        [('{ category(by: {slug: "fruit"}) { id breadcrumbs { id } children { id } department { id } } }', ANYONE)],
    ),
    "Query.brands": (Permission.ANYONE, [('{ brands(first: 2, startsWith: "a") { id } }', ANYONE)]),
    "Query.staffBrands": (Permission.PRODUCTS, [('{ staffBrands(first: 2, startsWith: "a") { id } }', PRODUCTS)]),
    "Query.families": (Permission.PRODUCTS, [("{ families { id optionNames } }", PRODUCTS)]),
    "Query.collections": (Permission.ANYONE, [("{ collections { id products(first: 2) { id } } }", ANYONE)]),
    "Query.collection": (
        Permission.ANYONE,
        # It is not published.
        [('{ collection(by: {id: "COLLECTION"}) { id } }', (NULL, NULL, NULL, NULL, NULL, NULL))],
    ),
    "Query.staffCollections": (Permission.PRODUCTS, [("{ staffCollections { id } }", PRODUCTS)]),
    "Mutation.createCategory": (
        Permission.PRODUCTS,
        [
            ('mutation { createCategory(input: {name: "A", departmentId: "MARKETPLACE"}) { id } }', PRODUCTS),
            ('mutation { createCategory(input: {name: "B", parentId: "TOYS"}) { id } }', PRODUCTS),
            ('mutation { createCategory(input: {name: "C", parentId: "FRUIT"}) { id } }', ADMIN),
            ('mutation { createCategory(input: {name: "D", departmentId: "BARE"}) { id } }', ADMIN),
        ],
    ),
    "Mutation.updateCategory": (
        Permission.PRODUCTS,
        [
            ('mutation { updateCategory(input: {categoryId: "TOYS", name: "A"}) { id } }', PRODUCTS),
            ('mutation { updateCategory(input: {categoryId: "FRUIT", name: "A"}) { id } }', ADMIN),
            ('mutation { updateCategory(input: {categoryId: "TOYS", departmentId: "BARE"}) { id } }', ADMIN),
            ('mutation { updateCategory(input: {categoryId: "UNKNOWN", name: "A"}) { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Mutation.moveCategory": (
        Permission.PRODUCTS,
        [
            ('mutation { moveCategory(input: {categoryId: "TOYS", position: 0}) { id } }', PRODUCTS),
            ('mutation { moveCategory(input: {categoryId: "TOYS", parentId: null}) { id } }', PRODUCTS),
            ('mutation { moveCategory(input: {categoryId: "FRUIT", position: 0}) { id } }', ADMIN),
            ('mutation { moveCategory(input: {categoryId: "TOYS", parentId: "FRUIT"}) { id } }', ADMIN),
        ],
    ),
    "Mutation.deleteCategory": (
        Permission.PRODUCTS,
        [
            ('mutation { deleteCategory(categoryId: "TOYS") }', PRODUCTS),
            ('mutation { deleteCategory(categoryId: "CHEESE") }', ADMIN),
        ],
    ),
    "Mutation.renameBrand": (
        Permission.PRODUCTS,
        # A brand is the whole shop's: staff of any department rename it.
        [
            ('mutation { renameBrand(brandId: "BRAND", name: "B") { id name } }', PRODUCTS),
            ('mutation { renameBrand(brandId: "UNKNOWN", name: "B") { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Mutation.createFamily": (
        Permission.PRODUCTS,
        [('mutation { createFamily(name: "A", options: ["Size"]) { id } }', PRODUCTS)],
    ),
    "Mutation.updateFamily": (
        Permission.PRODUCTS,
        [
            ('mutation { updateFamily(familyId: "FAMILY", name: "A") { id } }', PRODUCTS),
            # A product of another department is in it.
            ('mutation { updateFamily(familyId: "THEIR_FAMILY", name: "A") { id } }', ADMIN),
        ],
    ),
    "Mutation.deleteFamily": (Permission.PRODUCTS, [('mutation { deleteFamily(familyId: "FAMILY") }', PRODUCTS)]),
    "Mutation.createCollection": (
        Permission.PRODUCTS,
        [('mutation { createCollection(input: {name: "A"}) { id } }', PRODUCTS)],
    ),
    "Mutation.updateCollection": (
        Permission.PRODUCTS,
        [('mutation { updateCollection(input: {collectionId: "COLLECTION", name: "A"}) { id } }', PRODUCTS)],
    ),
    "Mutation.addToCollection": (
        Permission.PRODUCTS,
        [
            (
                'mutation { addToCollection(collectionId: "COLLECTION", productIds: ["THEIR_PRODUCT"]) '
                "{ products { id } } }",
                PRODUCTS,
            )
        ],
    ),
    "Mutation.removeFromCollection": (
        Permission.PRODUCTS,
        [
            (
                'mutation { removeFromCollection(collectionId: "COLLECTION", productIds: ["OUR_PRODUCT"]) { id } }',
                PRODUCTS,
            )
        ],
    ),
    "Mutation.setCollectionProducts": (
        Permission.PRODUCTS,
        [('mutation { setCollectionProducts(collectionId: "COLLECTION", productIds: []) { id } }', PRODUCTS)],
    ),
    "Mutation.deleteCollection": (
        Permission.PRODUCTS,
        [('mutation { deleteCollection(collectionId: "COLLECTION") }', PRODUCTS)],
    ),
}
