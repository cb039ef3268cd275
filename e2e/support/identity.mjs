// Identity numbers of made-up people (GB 11643: weights 2^(17-i) mod 11, then a check character).

/** The number with its check character; `serial` makes it another person. */
export function identityNumber(serial) {
  const front = `33042119800215${String(serial).padStart(3, "0")}`;
  return front + checkCharacter(front);
}

/** The same number with another last character. */
export function misread(number) {
  return number.slice(0, 17) + (number.endsWith("1") ? "2" : "1");
}

function checkCharacter(front) {
  const sum = [...front].reduce((total, digit, place) => total + Number(digit) * (2 ** (17 - place) % 11), 0);
  return "10X98765432"[sum % 11];
}
