import { ModelFileError } from "../../../runtime/errors.js";

function notText(file: string, found: string, hint: string): ModelFileError {
  return new ModelFileError({
    code: "PROTOTXT_NOT_TEXT",
    message: `the file is not a prototxt: ${found}`,
    at: { file, line: 1, column: 1 },
    hint,
  });
}

/**
 * The text of a prototxt file, or a {@link ModelFileError} `PROTOTXT_NOT_TEXT` that says what the file is instead: a web
 * page, UTF-16, a binary caffemodel.
 */
export function decodePrototxt(bytes: Uint8Array, file: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw notText(file, "it is UTF-16 text", "save it as UTF-8");
  }
  if (first === 0x89 && second === 0x48) throw notText(file, "it is an HDF5 file", weightsHint);
  if (bytes.subarray(0, 4096).includes(0)) throw notText(file, "it holds binary data", weightsHint);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw notText(file, "it holds bytes that are not UTF-8 text", weightsHint);
  if (/^\ufeff?\s*<(?:!doctype|html|\?xml|head|!--)/i.test(text.slice(0, 1000))) {
    throw notText(file, "it is a web page", "download the raw file, not the page that shows it");
  }
  if (/^\s*[{[]\s*["[{]/.test(text.slice(0, 1000))) {
    throw notText(file, "it looks like JSON", "a prototxt starts with a field, like `name:` or `layer {`");
  }
  return text;
}

const weightsHint = "trained weights (.caffemodel) are another file than the network's description (.prototxt)";

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
