package io.salver.engine.tflite;

import java.util.List;

/**
 * A subgraph that can be called.
 *
 * @param index which it is
 * @param key a signature of it, for those beside the main one
 * @param inputs by position
 * @param outputs names by position
 * @param workingBytes what its tensors take for the shapes in the file
 */
record GraphPorts(
    int index, String key, List<InputPort> inputs, List<String> outputs, long workingBytes) {}
