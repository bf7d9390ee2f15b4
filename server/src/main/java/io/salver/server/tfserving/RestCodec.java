package io.salver.server.tfserving;

import io.salver.server.json.JsonWriter;

/** The JSON readers and the writer of one event loop, which are used again and again. */
record RestCodec(PredictJsonReader predict, ExamplesJsonReader examples, JsonWriter writer) {
  RestCodec() {
    this(new PredictJsonReader(), new ExamplesJsonReader(), new JsonWriter());
  }
}
