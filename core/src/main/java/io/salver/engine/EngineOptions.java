package io.salver.engine;

import java.util.List;

/**
 * How an engine is to load a model. Change one value with the {@code with} methods.
 *
 * @param intraOpThreads threads that one run may use inside an operation, at least 1; with 1 the
 *     calling thread does all the work
 * @param interOpThreads threads for operations that may run side by side, at least 1; with 1 the
 *     calling thread does all the work
 * @param devices where the model may run, best first; an engine itself uses the first alone
 * @param deviceMemoryLimitBytes what the model may take of an accelerator's memory; 0 for any
 *     amount
 * @param instances how many runs of the model there may be at once, by threads that do nothing
 *     else; 0 for as many as the server likes. An engine itself loads one and need not look at this
 * @param dequantize whether tensors of integers that stand for real numbers are shown as those
 */
public record EngineOptions(
    int intraOpThreads,
    int interOpThreads,
    List<Device> devices,
    long deviceMemoryLimitBytes,
    int instances,
    boolean dequantize) {
  /** One thread for everything: the caller's. */
  public static final EngineOptions DEFAULT = new EngineOptions(1, 1);

  private static final int MAX_INSTANCES = 1024;

  /** On the processors, with nothing else said. */
  public EngineOptions(int intraOpThreads, int interOpThreads) {
    this(intraOpThreads, interOpThreads, List.of(Device.CPU), 0, 0, false);
  }

  public EngineOptions {
    devices = List.copyOf(devices);
    if (intraOpThreads < 1 || interOpThreads < 1) {
      throw new IllegalArgumentException(
          "threads: intra-op "
              + intraOpThreads
              + ", inter-op "
              + interOpThreads
              + " (expected: >= 1 each)");
    }
    if (devices.isEmpty() || devices.stream().distinct().count() < devices.size()) {
      throw new IllegalArgumentException(
          "device: " + devices + " (expected: at least one, and each once)");
    }
    if (deviceMemoryLimitBytes < 0) {
      throw new IllegalArgumentException(
          "device_memory_limit_bytes: " + deviceMemoryLimitBytes + " (expected: >= 0)");
    }
    if (instances < 0 || instances > MAX_INSTANCES) {
      throw new IllegalArgumentException(
          "instances: " + instances + " (expected: 0 to " + MAX_INSTANCES + ")");
    }
  }

  /** The first of {@link #devices}. */
  public Device device() {
    return devices.getFirst();
  }

  /** With other devices. */
  public EngineOptions withDevices(List<Device> others) {
    return new EngineOptions(
        intraOpThreads, interOpThreads, others, deviceMemoryLimitBytes, instances, dequantize);
  }

  /** With another limit for an accelerator's memory. */
  public EngineOptions withDeviceMemoryLimitBytes(long limit) {
    return new EngineOptions(intraOpThreads, interOpThreads, devices, limit, instances, dequantize);
  }

  /** With another number of instances. */
  public EngineOptions withInstances(int count) {
    return new EngineOptions(
        intraOpThreads, interOpThreads, devices, deviceMemoryLimitBytes, count, dequantize);
  }

  /** With quantised tensors shown as what they stand for, or not. */
  public EngineOptions withDequantize(boolean shown) {
    return new EngineOptions(
        intraOpThreads, interOpThreads, devices, deviceMemoryLimitBytes, instances, shown);
  }
}
