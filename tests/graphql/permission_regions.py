"""Who may call which field of regions and their taxes."""

from graphql_api.permissions import Permission
from tests.graphql.permission_outcomes import ADMIN, ANYONE, FORBIDDEN, GONE, NOBODY, Expected, Rows

NO_SUCH_RATE: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE)

REGIONS: dict[str, Rows] = {
    "Query.regions": (Permission.ANYONE, [("{ regions { code taxRates { id } } }", ANYONE)]),
    "Query.region": (Permission.ANYONE, [('{ region(code: "DE") { code } }', ANYONE)]),
    "Query.regionOfCountry": (Permission.ANYONE, [('{ regionOfCountry(country: "DE") { code } }', ANYONE)]),
    "Mutation.createRegion": (
        Permission.ADMIN,
        [('mutation { createRegion(input: {code: "NZ", name: "New Zealand", currency: "NZD"}) { code } }', ADMIN)],
    ),
    "Mutation.updateRegion": (
        Permission.ADMIN,
        [
            ('mutation { updateRegion(input: {code: "DE", shippingPrice: 4.90}) { code } }', ADMIN),
            ('mutation { updateRegion(input: {code: "XX", shippingPrice: 4.90}) { code } }', NO_SUCH_RATE),
        ],
    ),
    "Mutation.setTaxRate": (
        Permission.ADMIN,
        [
            (
                'mutation { setTaxRate(input: {region: "US", taxClass: STANDARD, name: "Levy", percent: 1}) { id } }',
                ADMIN,
            )
        ],
    ),
    "Mutation.cancelTaxRate": (
        Permission.ADMIN,
        [
            ('mutation { cancelTaxRate(taxRateId: "TAX_RATE") { code } }', ADMIN),
            ('mutation { cancelTaxRate(taxRateId: "UNKNOWN") { code } }', NO_SUCH_RATE),
        ],
    ),
}
