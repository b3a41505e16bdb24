"""What every way in over HTTP shares: limits, cookies, headers, other origins."""
