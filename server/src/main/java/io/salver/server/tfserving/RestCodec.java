package io.salver.server.tfserving;

import io.salver.server.json.JsonWriter;
import io.salver.server.net.LoopContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The JSON readers and the writer of one event loop, which are used again and again. */
record RestCodec(PredictJsonReader predict, ExamplesJsonReader examples, JsonWriter writer) {
  private RestCodec() {
    this(new PredictJsonReader(), new ExamplesJsonReader(), new JsonWriter());
  }

  /** The codecs of all loops. Thread-safe. */
  static final class PerLoop {
    private final Map<LoopContext, RestCodec> codecs = new ConcurrentHashMap<>();

    /** The codec of {@code loop}, to be used on it. */
    RestCodec of(LoopContext loop) {
      RestCodec known = codecs.get(loop);
      return known != null ? known : codecs.computeIfAbsent(loop, _ -> new RestCodec());
    }
  }
}
