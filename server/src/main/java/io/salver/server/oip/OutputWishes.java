package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.server.sharedmemory.RegionView;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import io.salver.tensor.TensorArena;
import org.jspecify.annotations.Nullable;

/** Which outputs a request asks for, and in what form. */
final class OutputWishes {
  /** All outputs as they are. */
  static final OutputWishes ALL = new OutputWishes(null, new long[0], new RegionView[0], false);

  /** All outputs as they are, in binary form. */
  static final OutputWishes ALL_BINARY =
      new OutputWishes(null, new long[0], new RegionView[0], true);

  private final boolean @Nullable [] wanted;
  private final long[] classes;
  private final @Nullable RegionView[] regions;
  private final boolean[] binary;
  private final boolean allBinary;

  private OutputWishes(
      boolean @Nullable [] wanted,
      long[] classes,
      @Nullable RegionView[] regions,
      boolean allBinary) {
    this.wanted = wanted;
    this.classes = classes;
    this.regions = regions;
    this.binary = new boolean[classes.length];
    this.allBinary = allBinary;
  }

  /** No outputs yet; see {@link #add}. */
  static OutputWishes none(int outputs) {
    return new OutputWishes(
        new boolean[outputs], new long[outputs], new RegionView[outputs], false);
  }

  /**
   * Asks for an output.
   *
   * @param arena what it holds of shared memory is let go when this is closed
   * @throws ServingException if it was asked for before, or parameters exclude each other
   */
  void add(
      int i,
      TensorParameters parameters,
      boolean binaryByDefault,
      InferPlan plan,
      SharedMemoryRegions memory,
      TensorArena arena) {
    if (wanted == null || wanted[i]) {
      throw ServingException.invalid(
          "inference output '"
              + plan.signature().outputs().get(i).name()
              + "' requested twice for model '"
              + plan.model()
              + "'");
    }
    wanted[i] = true;
    classes[i] = Math.max(parameters.classes(), 0);
    binary[i] = parameters.binaryOr(binaryByDefault);
    if (!parameters.hasRegion()) {
      return;
    }
    if (classes[i] > 0 || parameters.binaryOr(false)) {
      throw ServingException.invalid(
          "output '"
              + plan.signature().outputs().get(i).name()
              + "': shared_memory_region (expected: without "
              + (classes[i] > 0 ? "classification" : "binary_data")
              + ")");
    }
    RegionView view =
        memory.view(parameters.region(), parameters.regionOffset(), parameters.regionSize());
    arena.onClose(view::close);
    regions[i] = view;
  }

  /** One for each output of the signature; null if all are wanted. */
  boolean @Nullable [] wanted() {
    return wanted;
  }

  /** How many classes output {@code i} is to name; 0 for the output itself. */
  long classes(int i) {
    return classes.length == 0 ? 0 : classes[i];
  }

  /** Where output {@code i} is to be written to, or null if it is to be sent. */
  @Nullable RegionView region(int i) {
    return regions.length == 0 ? null : regions[i];
  }

  /** Whether output {@code i} is to be sent in binary form. */
  boolean isBinary(int i) {
    return binary.length == 0 ? allBinary : binary[i];
  }
}
