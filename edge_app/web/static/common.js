// What every page needs: texts, addresses below the proxy's prefix, requests, elements.

const texts = JSON.parse(document.getElementById("texts").textContent);
const root = document.documentElement.dataset.root;

/** The text of a key; {name} in it is replaced by a value. */
export function text(key, values = {}) {
  const found = texts[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function emotionName(label) {
  return texts[`emotion.${label}`] ?? label;
}

/** An address of this site. */
export function address(path) {
  return root + path;
}

export function socketAddress(path) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${root}${path}`;
}

/** Asks the JSON API; body: JSON, or a Blob as it is. Throws an Error with the server's own words. */
export async function api(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body instanceof Blob) {
    options.body = body;
    options.headers["Content-Type"] = "application/octet-stream";
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(address(path), options).catch(() => {
    throw new Error(text("no_answer"));
  });
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({ detail: answer.statusText }));
  if (!answer.ok) throw new ApiError(content, answer.status);
  return content;
}

export class ApiError extends Error {
  constructor({ detail, ...more }, status) {
    super(typeof detail === "string" ? detail : detail.map((one) => one.problem).join("; "));
    this.detail = detail;
    this.status = status;
    /** What is doubtful about a face, as a key of the texts; null where that is not the reason. */
    const kind = ["looks_like", "unlike", "two_people"].find((key) => key in more);
    this.doubt = kind ? `doubt.${kind}` : null;
    this.about = more[kind] ?? {}; // whom that is about: {id, name}
  }
}

/**
 * Why the server refused something, in the page's language. Its own words follow where they say
 * more, as they are: in English.
 */
export function reasonOf(error) {
  if (typeof error.detail !== "string") return [error.message];
  if (texts[error.detail]) return [text(error.detail)];
  const known = texts[`refused.${error.status}`];
  if (!known) return [error.message];
  return [`${known} `, element("small", { lang: "en" }, error.message)];
}

/** Says in a place what is doubtful about a face; gives whether it is to be added. */
export function askAnyway(place, error) {
  return new Promise((done) => {
    const answer = (words, added) => {
      const button = element("button", { type: "button" }, words);
      button.addEventListener("click", () => {
        question.remove();
        done(added);
      });
      return button;
    };
    const question = element(
      place.tagName === "UL" ? "li" : "div",
      { className: "problem" },
      text(error.doubt, error.about),
      element("div", { className: "row" }, answer(text("add_anyway"), true), answer(text("cancel"), false)),
    );
    place.append(question);
  });
}

/** Does work, during which its buttons cannot be pressed again. */
export async function holding(buttons, work) {
  const focused = buttons.find((button) => button === document.activeElement);
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
    if (document.activeElement === document.body) focused?.focus();
  }
}

/**
 * Does what buttons are for, once at a time. What came of it is said in a place with role="status":
 * the words that the work gives, or why it failed.
 */
export async function attempt(place, work, ...buttons) {
  place.replaceChildren();
  place.classList.remove("problem");
  try {
    const words = await holding(buttons, work);
    if (words) place.replaceChildren(words);
  } catch (error) {
    place.classList.add("problem");
    place.replaceChildren(...reasonOf(error));
  }
}

/** An element with properties and children: element("li", {className: "face"}, "text", child). */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key.startsWith("data-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);
