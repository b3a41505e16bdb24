// Hands the page's nonce to the one library inside GraphiQL that writes a style element.
"use strict";
window.__webpack_nonce__ = document.currentScript.nonce;
