package io.salver.engine.onnx;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.ModelLoadException;
import io.salver.engine.onnx.OrtApi.ProviderFunctions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Has sessions use the execution providers that belong to a device. */
final class Providers {
  private static final String CUDA = "CUDAExecutionProvider";
  private static final String TENSORRT = "TensorrtExecutionProvider";

  /**
   * A provider that takes its options by name.
   *
   * @param available what it is called in the list of those that a library has
   * @param name what it is called where it is asked for
   */
  private record Plain(String available, String name) {}

  private static final Map<String, Plain> PLAIN =
      Map.of(
          "coreml", new Plain("CoreMLExecutionProvider", "CoreML"),
          "openvino", new Plain("OpenVINOExecutionProvider", "OpenVINO"));

  /** The kinds of device that the engine knows. */
  static final Set<String> KINDS = Set.of("cpu", "cuda", "tensorrt", "coreml", "openvino");

  private Providers() {}

  /**
   * Sets what {@code options} ask for. What a provider does not compute is left to those after it,
   * and to the processors.
   *
   * @param sessionOptions the runtime's
   * @throws ModelLoadException if the library was built without the provider, or cannot load it
   */
  static void append(OrtApi api, long sessionOptions, EngineOptions options)
      throws ModelLoadException {
    Device device = options.device();
    if (device.isCpu()) {
      return;
    }
    try {
      switch (device.kind()) {
        case "cuda" -> cuda(api, sessionOptions, options);
        case "tensorrt" -> {
          require(api, device, TENSORRT);
          api.appendProvider(sessionOptions, ProviderFunctions.TENSORRT, tensorrt(options));
          cuda(api, sessionOptions, options);
        }
        default -> plain(api, sessionOptions, options);
      }
    } catch (OrtException e) {
      throw new ModelLoadException(
          "device: %s: ONNX Runtime %s: %s".formatted(device, api.version(), e.getMessage()), e);
    }
  }

  private static void cuda(OrtApi api, long sessionOptions, EngineOptions options)
      throws ModelLoadException {
    require(api, options.device(), CUDA);
    api.appendProvider(sessionOptions, ProviderFunctions.CUDA, cuda(options));
  }

  private static void plain(OrtApi api, long sessionOptions, EngineOptions options)
      throws ModelLoadException {
    Device device = options.device();
    Plain provider = PLAIN.get(device.kind());
    if (provider == null || device.index() != 0 || options.deviceMemoryLimitBytes() != 0) {
      throw new ModelLoadException(
          "device: %s, device_memory_limit_bytes: %d (expected: one of %s; a number or a limit for"
                  .formatted(
                      device, options.deviceMemoryLimitBytes(), KINDS.stream().sorted().toList())
              + " cuda and tensorrt alone)");
    }
    require(api, device, provider.available());
    api.appendProvider(sessionOptions, provider.name(), Map.of());
  }

  private static void require(OrtApi api, Device device, String provider)
      throws ModelLoadException {
    List<String> available = api.availableProviders();
    if (!available.contains(provider)) {
      throw new ModelLoadException(
          "device: %s: the library of ONNX Runtime %s that is loaded has no %s (expected: one of %s,"
                  .formatted(device, api.version(), provider, available)
              + " or another build of the library in engines.libraries.onnxruntime)");
    }
  }

  /**
   * The CUDA provider's settings. With a limit, memory grows by what is needed, not by doubling.
   */
  static Map<String, String> cuda(EngineOptions options) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("device_id", Integer.toString(options.device().index()));
    if (options.deviceMemoryLimitBytes() > 0) {
      settings.put("gpu_mem_limit", Long.toString(options.deviceMemoryLimitBytes()));
      settings.put("arena_extend_strategy", "kSameAsRequested");
    }
    return settings;
  }

  /** The TensorRT provider's settings. The limit is for what its kernels use beside weights. */
  static Map<String, String> tensorrt(EngineOptions options) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("device_id", Integer.toString(options.device().index()));
    if (options.deviceMemoryLimitBytes() > 0) {
      settings.put("trt_max_workspace_size", Long.toString(options.deviceMemoryLimitBytes()));
    }
    return settings;
  }
}
