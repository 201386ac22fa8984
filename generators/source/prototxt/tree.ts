/** Where a token starts; both count from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A scalar as it was written; what it means depends on the field's type. */
export interface TextScalar extends TextPosition {
  readonly kind: "identifier" | "integer" | "float" | "string";
  /** The token's text, for a string its decoded value. */
  readonly text: string;
  /** Whether a minus stood before it. */
  readonly negative: boolean;
  /** Set where a problem of the token has been reported, so that its value means nothing. */
  readonly bad?: true;
}

export interface TextMessage extends TextPosition {
  readonly kind: "message";
  readonly fields: readonly TextField[];
}

export type TextValue = TextScalar | TextMessage;

/** One `name: value`, `name { … }` or `name: [ … ]`. The position is the name's. */
export interface TextField extends TextPosition {
  readonly name: string;
  readonly colon: boolean;
  readonly list: boolean;
  readonly values: readonly TextValue[];
}
