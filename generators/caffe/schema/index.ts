import protobuf, { type Type } from "protobufjs";
import { layerSchema } from "./layers.js";
import { netSchema } from "./net.js";
import { solverSchema } from "./solver.js";
import { oldLayerSchema } from "./v1.js";

let root: protobuf.Root | undefined;

/** Caffe's messages as reflection types; read from our schema text at the first call. */
function schema(): protobuf.Root {
  if (root === undefined) {
    const text = `syntax = "proto2";\npackage caffe;\n${netSchema}${layerSchema}${solverSchema}${oldLayerSchema}`;
    root = protobuf.parse(text, { keepCase: true }).root;
    root.resolveAll();
  }
  return root;
}

/** A message type of Caffe by its name, such as `NetParameter`. */
export function messageType(name: string): Type {
  return schema().lookupType(`caffe.${name}`);
}
