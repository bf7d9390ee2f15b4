package io.salver.engine.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.SharedTestData;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with a few bytes changed, or cut short, are refused or run; the process goes on. */
class TfliteFuzzTest {
  private static final long SEED = 20261127;
  private static final int ROUNDS = 400;

  private final TfliteEngine engine = new TfliteEngine(1);
  @TempDir Path version;
  private int loaded;
  private int refused;

  @AfterEach
  void everyInterpreterWasClosed() {
    assertThat(TfliteEngine.liveInterpreters()).isZero();
  }

  @Test
  void ownModelsWithBytesChanged() throws Exception {
    flip(Models.halfPlusTwo().write(), ROUNDS, SEED);
    flip(Models.texts().write(), ROUNDS, SEED + 1);
    assertThat(refused).isPositive();
    assertThat(loaded).isPositive();
  }

  @Test
  void everyPrefixOfAModelIsIncompleteOrRefused() throws Exception {
    byte[] whole = Models.halfPlusTwo().write();
    for (int length = 0; length < whole.length; length++) {
      use(Arrays.copyOf(whole, length), length);
    }
    assertThat(refused).isPositive();
  }

  @Test
  void realModelsWithBytesChangedOrCutShort() throws Exception {
    Optional<Path> data = SharedTestData.find();
    assumeTrue(data.isPresent(), SharedTestData::whyAbsent);
    Path tflite = data.get().resolve("C_tflite");
    for (String name :
        List.of(
            "litert_signatures_dynamic/js/packages/core/testdata/multi_signature_model.tflite",
            "litert_signatures_dynamic/js/packages/core/testdata/mixed_input_model.tflite",
            "tfs_tflite_half_plus_two/saved_model_half_plus_two_tflite_with_sigdef/00000123/model.tflite",
            "tflm_hello_world/hello_world_int8.tflite",
            "tflm_mnist_lstm/trained_lstm_int8.tflite",
            "coral_keras_lstm_mnist/keras_lstm_mnist_ptq.tflite",
            "mlc_kws/kws_ref_model.tflite")) {
      byte[] whole = Files.readAllBytes(tflite.resolve(name));
      flip(whole, ROUNDS, SEED);
      Random random = new Random(SEED);
      for (int i = 0; i < ROUNDS / 10; i++) {
        use(Arrays.copyOf(whole, random.nextInt(whole.length)), SEED + i);
      }
    }
    assertThat(refused).isPositive();
    assertThat(loaded).isPositive();
  }

  private void flip(byte[] whole, int rounds, long firstSeed) throws IOException {
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(firstSeed + round);
      byte[] changed = whole.clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        int at = random.nextInt(changed.length);
        changed[at] =
            switch (random.nextInt(3)) {
              case 0 -> (byte) (changed[at] ^ 1 << random.nextInt(8));
              case 1 -> 0;
              default -> (byte) random.nextInt(256);
            };
      }
      use(changed, firstSeed + round);
    }
  }

  /** Loads the file, if it can be, and calls each of its signatures. */
  private void use(byte[] content, long seed) throws IOException {
    Files.write(version.resolve("model.tflite"), content);
    ModelFiles files = new ModelFiles(version);
    assertThat(engine.inspect(files)).isNotInstanceOf(Inspection.NotMine.class);
    try (LoadedModel model = engine.load(files, EngineOptions.DEFAULT)) {
      loaded++;
      model.signatures().values().forEach(signature -> call(model, signature, seed));
    } catch (ModelLoadException e) {
      refused++;
      assertThat(e).as("seed %s", seed).hasMessageContaining("model.tflite");
    }
  }

  private static void call(LoadedModel model, Signature signature, long seed) {
    List<TensorData> inputs = signature.inputs().stream().map(spec -> input(spec, seed)).toList();
    long elements = inputs.stream().mapToLong(TensorData::count).sum();
    if (elements > 1 << 20) {
      return;
    }
    try {
      Runs.once(model, signature, inputs);
    } catch (ServingException | io.salver.tensor.MemoryLimitException e) {
      assertThat(e.getMessage()).as("seed %s", seed).isNotEmpty();
    }
  }

  private static TensorData input(TensorSpec spec, long seed) {
    long[] dims = spec.shape().dims();
    Arrays.setAll(dims, i -> dims[i] < 0 ? 2 : Math.min(dims[i], 1 << 16));
    boolean large = Arrays.stream(dims).asDoubleStream().reduce(1, (a, b) -> a * b) > 1 << 16;
    Shape shape = large ? Shape.of(1) : Shape.of(dims);
    if (spec.dtype().isFixedSize()
        && spec.dtype() != io.salver.tensor.DType.COMPLEX64
        && spec.dtype() != io.salver.tensor.DType.COMPLEX128) {
      return TensorData.random(spec.name(), spec.dtype(), shape, seed);
    }
    if (spec.dtype().isFixedSize()) {
      int size = (int) shape.elementCount() * spec.dtype().sizeBytes();
      return new TensorData(spec.name(), spec.dtype(), shape, new byte[size]);
    }
    String[] texts = new String[(int) shape.elementCount()];
    Arrays.fill(texts, "text");
    return TensorData.strings(spec.name(), shape, texts);
  }
}
