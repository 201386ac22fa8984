export interface NumberShape {
  readonly kind: "integer" | "float";
  /** Why the text is not a number of text format. */
  readonly problem?: string;
}

/** Tells what a number token is: whole (decimal, `0x` hexadecimal, `0` octal) or floating. */
export function classifyNumber(text: string): NumberShape {
  if (/^0[xX][0-9A-Fa-f]+$/.test(text)) return { kind: "integer" };
  if (/^[0-9]+$/.test(text)) {
    const octal = text.length > 1 && text.startsWith("0");
    if (!octal || /^[0-7]+$/.test(text)) return { kind: "integer" };
    return { kind: "integer", problem: "a whole number with a leading 0 is octal and has digits 0 to 7" };
  }
  if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?$/.test(text)) {
    return { kind: "float", problem: "this is not a number" };
  }
  if (/^0[0-9]/.test(text)) return { kind: "float", problem: "a number with a fraction or exponent has no leading 0" };
  return { kind: "float" };
}

/** The exact value of an integer token. */
export function integerValue(text: string): bigint {
  const octal = text.length > 1 && /^0[0-7]+$/.test(text);
  return octal ? BigInt(`0o${text}`) : BigInt(text);
}

/** The value of a number token for a floating field; undefined where text format refuses it (hexadecimal, octal). */
export function floatValue(text: string): number | undefined {
  if (/^0[0-9xX]/.test(text)) return undefined;
  return Number(text.replace(/[fF]$/, ""));
}
