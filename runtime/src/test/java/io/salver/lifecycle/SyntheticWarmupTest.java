package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.FakeClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SyntheticWarmupTest {
  private static final ModelFiles FILES = new ModelFiles(Path.of("/nowhere"));

  private final List<String> runs = new ArrayList<>();
  private final FakeClock clock = new FakeClock();
  private List<byte[]> examples = List.of();

  private void warm(int iterations, Consumer<Batch> model, Signature... signatures) {
    ModelVersion id = new ModelVersion("m", 1);
    LoadedModel loaded = new Scripted(model, examples, signatures);
    ServedVersion version = new ServedVersion(id, "fake", loaded, new InlineRunner(id, loaded));
    long before = NativeMemory.liveBytes();
    try (ModelLease lease = Objects.requireNonNull(version.tryLease())) {
      new SyntheticWarmup(iterations, Duration.ofSeconds(1), clock::nanoTime).warm(FILES, lease);
    }
    assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    assertThat(version.leases()).isZero();
  }

  private static Signature signature(String name, TensorSpec... inputs) {
    return new Signature(name, "", List.of(inputs), List.of());
  }

  private static TensorSpec spec(DType dtype, Shape shape) {
    return TensorSpec.of("x", dtype, shape);
  }

  private void note(Batch batch) {
    runs.add(batch.signature().name() + " " + batch.input(0));
  }

  @Test
  void theDefaultSignatureAloneIsRunAsOftenAsAsked() {
    warm(
        3,
        this::note,
        signature("reset", spec(DType.FLOAT32, Shape.SCALAR)),
        signature(Signature.DEFAULT_NAME, spec(DType.FLOAT32, Shape.of(-1, 4))));

    assertThat(runs)
        .containsExactly(
            "serving_default FLOAT32[1,4]",
            "serving_default FLOAT32[1,4]",
            "serving_default FLOAT32[1,4]");
  }

  @Test
  void aModelWithoutADefaultSignatureIsLeftAlone() {
    warm(3, this::note, signature("incr_counter", spec(DType.FLOAT32, Shape.SCALAR)));
    assertThat(runs).isEmpty();
  }

  @Test
  void everyTypeAndShapeGetsSomethingEmpty() {
    for (DType dtype : DType.values()) {
      for (Shape shape : List.of(Shape.SCALAR, Shape.UNKNOWN_RANK, Shape.of(0), Shape.of(2, -1))) {
        warm(1, this::note, signature(Signature.DEFAULT_NAME, spec(dtype, shape)));
      }
    }
    assertThat(runs).hasSize(4 * DType.values().length);
    assertThat(runs).contains("serving_default STRING[2,1]", "serving_default STRING[1]");
  }

  @Test
  void numbersAreZeroAndStringsEmpty() {
    Signature signature =
        signature(
            Signature.DEFAULT_NAME,
            spec(DType.INT64, Shape.of(-1)),
            TensorSpec.of("s", DType.STRING, Shape.of(-1)));
    warm(
        1,
        batch ->
            runs.add(
                Objects.requireNonNull(batch.input(0)).getLong(0)
                    + "\""
                    + Objects.requireNonNull(batch.input(1)).getUtf8(0)
                    + "\""),
        signature);
    assertThat(runs).containsExactly("0\"\"");
  }

  @Test
  void optionalInputsAreLeftOut() {
    TensorSpec optional = new TensorSpec("x", DType.INT8, Shape.SCALAR, "x", true);
    warm(1, this::note, signature(Signature.DEFAULT_NAME, optional));
    assertThat(runs).containsExactly("serving_default null");
  }

  @Test
  void aModelThatRefusesSuchInputsIsNotAskedAgainAndNothingFails() {
    warm(
        5,
        batch -> {
          note(batch);
          throw ServingException.invalid("image: 0 bytes (expected: a JPEG)");
        },
        signature(Signature.DEFAULT_NAME, spec(DType.STRING, Shape.of(-1))));
    assertThat(runs).hasSize(1);
  }

  @Test
  void stringsAreWhatTheModelHasAsExamples() {
    examples =
        List.of("one".getBytes(StandardCharsets.UTF_8), "two".getBytes(StandardCharsets.UTF_8));
    warm(
        1,
        batch -> {
          Tensor texts = Objects.requireNonNull(batch.input(0));
          for (long i = 0; i < texts.elementCount(); i++) {
            runs.add(texts.getUtf8(i));
          }
        },
        signature(Signature.DEFAULT_NAME, spec(DType.STRING, Shape.of(-1, 3))));
    assertThat(runs).containsExactly("one", "two", "one");
  }

  @Test
  void inputsThatAreTooLargeAreNotMade() {
    warm(
        1,
        this::note,
        signature(Signature.DEFAULT_NAME, spec(DType.FLOAT64, Shape.of(1L << 40, -1))));
    warm(
        1,
        this::note,
        signature(Signature.DEFAULT_NAME, spec(DType.STRING, Shape.of(Long.MAX_VALUE))));
    assertThat(runs).isEmpty();
  }

  @Test
  void noRunBeginsAfterTheLimit() {
    warm(
        100,
        batch -> {
          note(batch);
          clock.advance(Duration.ofMillis(400));
        },
        signature(Signature.DEFAULT_NAME, spec(DType.FLOAT32, Shape.of(-1))));
    assertThat(runs).hasSize(3);
  }

  private record Scripted(Consumer<Batch> script, List<byte[]> examples, Signature... list)
      implements LoadedModel {
    @Override
    public List<byte[]> examples(Signature signature, int input) {
      return examples;
    }

    @Override
    public Map<String, Signature> signatures() {
      Map<String, Signature> signatures = new LinkedHashMap<>();
      for (Signature signature : list) {
        signatures.put(signature.name(), signature);
      }
      return signatures;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      script.accept(batch);
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
