// A label's code in whatever a scanner read, checked on the phone before anything is kept.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const CODE = /HX[0-9]{13}[0-9A-Z]/;

// ISO 7064 MOD 37,36, as trace.rules checks it.
export function isWhole(code) {
  let check = 18; // half of 36
  for (const letter of code) {
    check = (((check || 36) * 2) % 37 + ALPHABET.indexOf(letter)) % 36;
  }
  return check === 1;
}

// The code, or "" where there is none that fits.
export function readCode(text) {
  const found = CODE.exec(text.trim().toUpperCase());
  return found && isWhole(found[0]) ? found[0] : "";
}
