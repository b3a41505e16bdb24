"""Which root fields lead to which types of the schema, and which types are for everybody."""

from tests.graphql.permission_discounts import DISCOUNT_WAYS, TO_DISCOUNTS

# By type of the schema, the fields of Query and Mutation that lead to it, where what it shows is not for everybody. A
# new way to one of these types must be written down here, and somebody has to think about who comes by it.
_TO_USERS = [
    "Mutation.changeStaff",
    "Mutation.login",
    "Mutation.refreshSession",
    "Mutation.removeStaff",
    "Mutation.updateProfile",
    "Query.me",
    "Query.user",
    "Query.users",
]
_TO_ORDERS = ["Mutation.createOrder", "Mutation.recordOrderStatus", "Query.getOrderById", "Query.getOrders"]
WAYS: dict[str, list[str]] = {
    # One that is not published is seen by staff only.
    "Collection": sorted(
        [
            "Mutation.addToCollection",
            "Mutation.createCollection",
            "Mutation.removeFromCollection",
            "Mutation.setCollectionProducts",
            "Mutation.updateCollection",
            "Query.collection",
            "Query.collections",
            "Query.staffCollections",
            *DISCOUNT_WAYS["Discount"],
        ]
    ),
    **DISCOUNT_WAYS,
    "ImportFault": ["Mutation.importProducts", "Query.importJob", "Query.importJobs"],
    "ImportJob": ["Mutation.importProducts", "Query.importJob", "Query.importJobs"],
    "Address": ["Mutation.addAddress", "Mutation.updateAddress", "Query.myAddresses"],
    "AuditConnection": ["Query.auditLog"],
    "AuditEdge": ["Query.auditLog"],
    "AuditEntry": ["Query.auditLog"],
    "AuthPayload": ["Mutation.login", "Mutation.refreshSession"],
    "Order": _TO_ORDERS,
    "OrderStep": _TO_ORDERS,
    "Orderitem": _TO_ORDERS,
    "PriceChange": ["Query.priceHistory"],
    "PriceChangeConnection": ["Query.priceHistory"],
    "PriceChangeEdge": ["Query.priceHistory"],
    "RegionPrice": ["Mutation.removeRegionPrice", "Mutation.setRegionPrice", "Query.productRegionPrices"],
    "ScheduledPrice": ["Mutation.cancelScheduledPrice", "Mutation.schedulePrice", "Query.scheduledPrices"],
    "ScheduledPriceConnection": ["Query.scheduledPrices"],
    "ScheduledPriceEdge": ["Query.scheduledPrices"],
    "Session": ["Query.mySessions"],
    "StaffProductConnection": ["Query.staffProducts"],
    "StockAlert": ["Query.stockAlerts"],
    "StockAlertConnection": ["Query.stockAlerts"],
    "StockAlertEdge": ["Query.stockAlerts"],
    "StockMovement": ["Query.stockMovements"],
    "StockMovementConnection": ["Query.stockMovements"],
    "StockMovementEdge": ["Query.stockMovements"],
    "StaffInvitation": ["Mutation.inviteStaff", "Query.invitations"],
    # Whom a discount names is told to admins (Discount.customers).
    "User": sorted([*_TO_USERS, *TO_DISCOUNTS]),
    "CustomerTier": ["Query.customerTier"],
    "TierChange": sorted([*_TO_USERS, *TO_DISCOUNTS, "Query.customerTier"]),
    "UserConnection": ["Query.users"],
    "UserEdge": ["Query.users"],
}
# What everybody may see, wherever it stands.
PUBLIC = {
    "Category",
    "Department",
    "Notice",
    "PageInfo",
    "Product",
    "ProductConnection",
    "ProductEdge",
    "Region",
    "TaxRate",
}
PUBLIC |= {"Image", "ProductImage"}
PUBLIC |= {"BrandCount", "CategoryCount", "Facets", "PriceBand", "Suggestion", "TagCount"}
PUBLIC |= {"Brand", "Family", "ProductOption", "UnitPrice"}
PUBLIC |= {"Quote", "QuoteItem", "QuoteProblem", "QuotedCode"}
# Why something costs what it does; what is others' business is left out of it (services/pricing/explanations.py).
PUBLIC |= {"PriceTrace", "PriceStep", "PriceInput", "ConsideredDiscount", "AppliedDiscount", "TaxPart", "NearMiss"}
