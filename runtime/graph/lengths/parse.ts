import {
  checked,
  checkedText,
  constant,
  invalidLength,
  type Polynomial,
  plus,
  scaled,
  symbol,
  times,
} from "./polynomial.js";
import { extremeOf, floorOf } from "./simplify.js";

/** Deeper parentheses are refused, so that no text overflows the stack. No canonical text is that deep. */
const maxDepth = 400;

/** What may be called with two or more arguments. `floor(a/b)` has a form of its own. */
const functions: Readonly<Record<string, (args: readonly Polynomial[]) => Polynomial>> = {
  min: (args) => extremeOf("min", args),
  max: (args) => extremeOf("max", args),
};

/** Reads `"2N*T + 3"` or `"floor((T - 1)/2)"`, canonical or not. Throws a CompileError that says what is wrong. */
export function parsePolynomial(text: string): Polynomial {
  return new Parser(text).whole();
}

/** Recursive descent: sum = ±product ± …; product = primary * …; primary = number, name, call or (sum). */
class Parser {
  private readonly text: string;
  private readonly tokens: readonly string[];
  private next = 0;
  private depth = 0;

  constructor(text: string) {
    checkedText(text);
    this.text = text;
    this.tokens = text.match(/\d+|[A-Za-z_]\w*|\S/g) ?? [];
  }

  whole(): Polynomial {
    const a = this.sum();
    if (this.next < this.tokens.length) this.fail("the end");
    return checked(a);
  }

  private sum(): Polynomial {
    let a = this.signedProduct();
    for (;;) {
      if (this.take("+")) a = plus(a, this.product());
      else if (this.take("-")) a = plus(a, this.product(), -1);
      else return a;
    }
  }

  private signedProduct(): Polynomial {
    return this.take("-") ? scaled(this.product(), -1) : this.product();
  }

  private product(): Polynomial {
    let a = this.term();
    while (this.take("*")) a = checked(times(a, this.term()));
    return a;
  }

  /** A primary, or a number directly before one: `2N`. */
  private term(): Polynomial {
    const first = this.tokens[this.next] ?? "";
    const a = this.primary();
    const follows = /^[A-Za-z_(]/.test(this.tokens[this.next] ?? "");
    return /^\d/.test(first) && follows ? checked(times(a, this.primary())) : a;
  }

  private primary(): Polynomial {
    const token = this.tokens[this.next] ?? "";
    if (/^\d/.test(token)) {
      this.next++;
      return checked(constant(Number(token)));
    }
    if (this.take("(")) return this.inside(() => this.sum());
    if (!/^[A-Za-z_]/.test(token)) return this.fail("a number, a name or a parenthesis");
    return this.tokens[this.next + 1] === "(" ? this.call(token) : this.symbol(token);
  }

  private symbol(name: string): Polynomial {
    this.next++;
    return symbol(name);
  }

  private call(name: string): Polynomial {
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (call === undefined && name !== "floor") return this.fail("floor, min or max before the parenthesis");
    this.next += 2;
    return this.inside(() => (call === undefined ? this.quotient() : call(this.args())));
  }

  private quotient(): Polynomial {
    const above = this.signedProduct();
    if (!this.take("/")) this.fail("/");
    return floorOf(above, this.primary());
  }

  private args(): readonly Polynomial[] {
    const args = [this.sum()];
    while (this.take(",")) args.push(this.sum());
    if (args.length < 2) this.fail("a second argument");
    return args;
  }

  /** What `read` reads, and the parenthesis after it. */
  private inside(read: () => Polynomial): Polynomial {
    if (++this.depth > maxDepth) invalidLength(`a length has more than ${maxDepth} parentheses in each other`);
    const a = read();
    if (!this.take(")")) this.fail(")");
    this.depth--;
    return a;
  }

  private take(token: string): boolean {
    if (this.tokens[this.next] !== token) return false;
    this.next++;
    return true;
  }

  private fail(expected: string): never {
    const found = this.tokens[this.next];
    return invalidLength(
      `"${this.text}" is no length: expected ${expected}, found ${found === undefined ? "the end" : `"${found}"`}`,
    );
  }
}
