// Shows on the home page how the shop is right now. Without this script the card is a plain link.
"use strict";

const WORDS = { healthy: "All is well", degraded: "Works, but slower: Redis is away", unhealthy: "Not well: PostgreSQL is away" };

async function showHealth() {
  const place = document.getElementById("health");
  let state = "unhealthy";
  let text = "No answer";
  try {
    const answer = await (await fetch("/health", { headers: { Accept: "application/json" } })).json();
    state = answer.status in WORDS ? answer.status : "unhealthy";
    text = WORDS[state];
  } catch {
    // the words for "no answer" stand already
  }
  place.dataset.state = state;
  place.textContent = text;
  place.hidden = false;
}

showHealth();
