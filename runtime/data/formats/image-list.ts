import { dirname } from "node:path";
import { imageExtensions } from "../images/sharp.js";
import { dataError, ProblemList } from "../problem-list.js";
import type { DataFormat } from "./format.js";
import { readPictures } from "./pictures.js";

const extension = imageExtensions.map((each) => each.slice(1)).join("|");
/** `folder/cat 1.jpg 3`: the last word is the label, as Caffe's ImageData layer splits a line. */
const line = new RegExp(`^(.+\\.(?:${extension}))(?:[ \\t]+(\\S+))?$`, "i");
/** Bytes of a list: ten million pictures. */
const maxBytes = 2 ** 30;

/** Caffe's list of pictures: a path and a number a line, the paths relative to the list. */
export const imageList: DataFormat = {
  description: "list of pictures (.txt), `path label` a line",
  extensions: [],
  recognises: (head) =>
    !head.includes(0) && line.test(/^\s*([^\r\n]*)/.exec(Buffer.from(head).toString())?.[1]?.trim() ?? ""),
  read: async (source, request) => {
    const { file } = source;
    const problems = new ProblemList();
    const paths: string[] = [];
    const labels: number[] = [];
    const text = Buffer.from(await source.bytes(maxBytes)).toString();
    for (const [index, each] of text.split(/\r\n|[\r\n]/).entries()) {
      const trimmed = each.trim();
      if (trimmed === "") continue;
      const [, path, label = ""] = line.exec(trimmed) ?? [];
      const at = { file, line: index + 1 };
      if (path === undefined) {
        const found = JSON.stringify(trimmed.slice(0, 60));
        problems.add("DATA_CELL_INVALID", `found ${found}, expected a picture's path (${extension}) and a number`, {
          at,
        });
      } else if (request.want !== "features" && (label === "" || !Number.isFinite(Number(label)))) {
        const found = label === "" ? "no label" : `the label ${JSON.stringify(label)}`;
        problems.add("DATA_CELL_INVALID", `"${path}" has ${found}, expected a number behind it`, { at });
      }
      paths.push(path ?? "");
      labels.push(Number(label));
    }
    problems.throwIfAny();
    if (paths.length === 0) throw dataError("DATA_EMPTY", `"${file}" has no lines`);
    const pictures = {
      folder: dirname(file),
      paths,
      order: "bgr",
      labels: Float64Array.from(labels),
      notes: [],
    } as const;
    return readPictures(source, request, pictures);
  },
};
