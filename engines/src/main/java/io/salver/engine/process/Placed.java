package io.salver.engine.process;

import java.lang.foreign.MemorySegment;

/**
 * A shared segment into which tensors may be placed.
 *
 * @param id by which the other side knows it
 */
record Placed(int id, MemorySegment memory) {}
