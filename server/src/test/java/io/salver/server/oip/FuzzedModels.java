package io.salver.server.oip;

import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.WireFormatException;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the fuzz tests of both forms of a request share: models to ask, and what is allowed. */
final class FuzzedModels {
  private static final String[] NAMES = {"FP32", "INT64", "BOOL", "BYTES", "UINT8", "FP16", "pair"};

  private final ArenaPool arenas = new ArenaPool(1 << 22);
  private final StaticModels models = new StaticModels(InlineRunner.FACTORY);

  /** Reads a request into an arena. */
  interface Reading {
    InferMessageReader.Read read(ModelLease lease, TensorArena arena);
  }

  FuzzedModels() {
    for (DType dtype : DType.values()) {
      models.add(Datatypes.name(dtype), 1, Echo.of(dtype));
    }
    models.add("pair", 1, Echo.pair());
  }

  /** What {@code use} makes of what is read for the model of this number; null if refused. */
  <T> @Nullable T read(int model, Reading reading, Function<PredictRequest, T> use) {
    String name = NAMES[(model & 0xFF) % NAMES.length];
    try (ModelLease lease = models.lease(name, VersionSelector.LATEST);
        TensorArena arena = arenas.take()) {
      return use.apply(reading.read(lease, arena).request());
    } catch (ServingException | WireFormatException | MemoryLimitException e) {
      return null;
    }
  }

  /** Fails where reading needs more heap than the input explains. */
  void checkAllocation(int model, int inputBytes, Reading reading) {
    AllocationBound.check(inputBytes, () -> read(model, reading, request -> true));
  }

  /** The bytes of the first input. */
  static byte[] firstInput(PredictRequest request) {
    Tensor tensor = request.inputs()[0];
    return tensor == null ? new byte[0] : tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }
}
