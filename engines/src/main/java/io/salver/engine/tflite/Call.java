package io.salver.engine.tflite;

import io.salver.tensor.Signature;

/**
 * How a signature is called.
 *
 * @param graph the position among the model's callable subgraphs
 * @param inputs for each input of the signature its position in the subgraph
 * @param outputs for each output of the signature its position in the subgraph
 */
record Call(Signature signature, int graph, int[] inputs, int[] outputs) {}
