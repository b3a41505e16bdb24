// Starts GraphiQL on the playground page, and sends the token of the last login along.
"use strict";

const start = JSON.parse(document.getElementById("start").textContent);
const session = document.getElementById("session");
const element = React.createElement;
let token = null; // in memory only: a reload signs out, and no token is ever stored

async function post(parameters, headers) {
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify(parameters),
  });
  const text = await response.text();
  try {
    const answer = JSON.parse(text);
    noticeLogin(answer, parameters.variables);
    return answer;
  } catch {
    return { errors: [{ message: `The server answered ${response.status}, and no JSON.` }] };
  }
}

// A login is known by its answer: some root field that holds an access token.
function noticeLogin(answer, variables) {
  for (const value of Object.values(answer?.data ?? {})) {
    if (typeof value?.accessToken === "string") {
      token = value.accessToken;
      showSession(value.user?.email ?? variables?.email ?? "");
    }
  }
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function showSession(email) {
  if (token) {
    session.replaceChildren(`Signed in ${email ? `as ${email}` : ""} `, button("Sign out", signOut));
    return;
  }
  const demo = start.accounts.map(({ name, role, login }) =>
    button(`${name} (${role})`, async () => {
      const { errors } = await post({ query: start.login, variables: login });
      if (errors) session.append(` ${errors[0].message}`);
    }),
  );
  session.replaceChildren(demo.length ? "Not signed in. Sign in as " : "Not signed in: use the LogIn tab.", ...demo);
}

function signOut() {
  token = null;
  showSession();
}

// What GraphiQL calls to run a document. Right after a change of tabs it may still name the other tab's operation.
function run({ query, variables, operationName }, options) {
  const given = options?.headers ?? {};
  const authorized = Object.keys(given).some((name) => name.toLowerCase() === "authorization");
  const mine = token && !authorized ? { Authorization: `Bearer ${token}` } : {};
  const named = operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? { operationName } : {};
  return post({ query, variables, ...named }, { ...mine, ...given });
}

// The documentation links here with a sample behind the #, which no server sees.
function sampleOfAddress() {
  const sample = new URLSearchParams(location.hash.slice(1));
  return sample.has("query") ? { query: sample.get("query"), variables: sample.get("variables") ?? "" } : {};
}

const properties = {
  fetcher: run,
  defaultTabs: start.tabs,
  shouldPersistHeaders: false, // a token typed into Headers is not written to the browser's storage
  showPersistHeadersSettings: false,
  defaultEditorToolsVisibility: true,
  isHeadersEditorEnabled: true,
  ...sampleOfAddress(),
};
const logo = element(GraphiQL.Logo, null, element("span", { className: "logo" }, "GraphiQL"));
ReactDOM.createRoot(document.getElementById("main")).render(element(GraphiQL, properties, logo));
showSession();
