package io.salver.engine.onnx;

/**
 * An input or an output of a session.
 *
 * @param namePointer the name as a C string, which lives as long as the session
 */
record Port(String name, long namePointer, OnnxType type) {}
