package io.salver.engine.onnx;

/**
 * Where a tensor's elements lie outside of the model file.
 *
 * @param location a path below the model's directory, as the model gives it
 * @param endBytes how long that file has to be at least
 */
record ExternalData(String location, long endBytes) {}
