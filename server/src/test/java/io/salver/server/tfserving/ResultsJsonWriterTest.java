package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.json.JsonWriter;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResultsJsonWriterTest {
  private final ArenaPool arenas = new ArenaPool(1 << 24);
  private final TensorArena arena = arenas.take();
  private final JsonWriter out = new JsonWriter();

  @AfterEach
  void close() {
    arena.close();
    arenas.close();
  }

  private Tensor floats(Shape shape, float... values) {
    Tensor tensor = arena.allocate(DType.FLOAT32, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().set(ValueLayout.JAVA_FLOAT, 4L * i, values[i]);
    }
    return tensor;
  }

  private Tensor labels(Shape shape, String... values) {
    StringTensorBuilder builder = new StringTensorBuilder(arena, 1, 1);
    for (String value : values) {
      builder.add(value.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build(shape);
  }

  private String written() {
    return new String(out.array(), 0, out.size(), StandardCharsets.UTF_8);
  }

  @Test
  void classesAreLabelsWithScores() {
    ResultsJsonWriter.writeClassifications(
        labels(Shape.of(2, 2), "car", "bike", "car", "b\"us"),
        floats(Shape.of(2, 2), 0.2f, 0.7f, 0.7f, 0.1f),
        out);
    assertThat(written())
        .isEqualTo(
            "{\"results\": [[[\"car\",0.2],[\"bike\",0.7]],[[\"car\",0.7],[\"b\\\"us\",0.1]]]}");
  }

  @Test
  void missingLabelsAreEmptyAndMissingScoresZero() {
    ResultsJsonWriter.writeClassifications(null, floats(Shape.of(1, 1), 3), out);
    assertThat(written()).isEqualTo("{\"results\": [[[\"\",3.0]]]}");
    ResultsJsonWriter.writeClassifications(labels(Shape.of(1, 1), "a"), null, out.clear());
    assertThat(written()).isEqualTo("{\"results\": [[[\"a\",0.0]]]}");
    ResultsJsonWriter.writeClassifications(null, floats(Shape.of(2, 0)), out.clear());
    assertThat(written()).isEqualTo("{\"results\": [[],[]]}");
  }

  @Test
  void regressionsAreAPlainList() {
    ResultsJsonWriter.writeRegressions(floats(Shape.of(3, 1), 0.2f, 1, Float.NaN), out);
    assertThat(written()).isEqualTo("{\"results\": [0.2,1.0,NaN]}");
  }

  @Test
  void errorsAreEscaped() {
    ResultsJsonWriter.writeError("JSON Value: \"a\"\n", out);
    assertThat(written()).isEqualTo("{\n    \"error\": \"JSON Value: \\\"a\\\"\\n\"\n}");
  }
}
