// How numbers, money and times are written.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});

export const count = (value) => (value === null || value === undefined ? "unlimited" : whole.format(value));
export const compact = (value) => (value === null || value === undefined ? "unlimited" : short.format(value));
export const percent = (value) => `${value.toFixed(value < 10 && value > 0 ? 1 : 0)} %`;

/// Money is an exact decimal text, which no floating point number may touch.
export function money(text, currency) {
  if (text === null || text === undefined) return "–";
  const [, sign, digits, rest] = text.match(/^(-?)(\d+)(.*)$/) ?? [null, "", text, ""];
  return `${sign ? "−" : ""}${digits.replace(/\B(?=(\d{3})+$)/g, ",")}${rest} ${currency ?? ""}`.trim();
}

export const day = (text) => text.slice(0, 10);
export const time = (text) => (text ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : "–");
export const times = (text) => (text ? `${text.slice(0, 10)} ${text.slice(11, 19)} UTC` : "–");
export const words = (text) => text.replaceAll("_", " ");
