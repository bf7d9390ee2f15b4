package io.salver.engine.tflite;

import io.salver.engine.ModelLoadException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The library's model over a file's bytes, which all its interpreters share. Thread-safe. */
final class NativeModel implements AutoCloseable {
  private final TfliteApi api;
  private final Arena arena;
  private final MemorySegment content;
  private final long pointer;

  private NativeModel(TfliteApi api, Arena arena, MemorySegment content, long pointer) {
    this.api = api;
    this.arena = arena;
    this.content = content;
    this.pointer = pointer;
  }

  /**
   * A model that owns {@code arena}.
   *
   * @param content the file, checked, in memory of the arena
   * @throws ModelLoadException if the library refuses it; the arena stays the caller's then
   */
  static NativeModel open(TfliteApi api, Arena arena, MemorySegment content)
      throws ModelLoadException {
    try (ErrorLog log = new ErrorLog()) {
      if (!api.verify(content, log)) {
        throw new ModelLoadException(log.take());
      }
      long pointer = api.createModel(content, log);
      if (pointer == 0) {
        throw new ModelLoadException(log.take());
      }
      return new NativeModel(api, arena, content, pointer);
    }
  }

  TfliteApi api() {
    return api;
  }

  long pointer() {
    return pointer;
  }

  long fileBytes() {
    return content.byteSize();
  }

  /** Gives the memory back; no interpreter is left. */
  @Override
  public void close() {
    api.deleteModel(pointer);
    arena.close();
  }
}
