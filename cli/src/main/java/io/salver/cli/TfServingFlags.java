package io.salver.cli;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The flags of TensorFlow Serving that Salver does not take, each with the reason: a command line
 * that relies on one must not appear to work.
 */
final class TfServingFlags {
  private static final String OWN_THREADS =
      "Salver serves on its event loops; set --event_loops, or leave it at one for each core";
  private static final String NO_TFLITE = "this version serves ONNX and TensorFlow models";
  private static final String NO_DEVICE = "this version runs models on the processor only";
  private static final String NO_SESSION_FILE =
      "Salver sets the session's threads itself; see --tensorflow_intra_op_parallelism";

  private static final Map<String, String> REJECTED =
      Map.ofEntries(
          Map.entry("rest_api_num_threads", OWN_THREADS),
          Map.entry("grpc_max_threads", OWN_THREADS),
          Map.entry("tensorflow_session_parallelism", NO_SESSION_FILE),
          Map.entry("tensorflow_session_config_file", NO_SESSION_FILE),
          Map.entry("thread_pool_factory_config_file", OWN_THREADS),
          Map.entry("flush_filesystem_caches", "Salver leaves the page cache to the system"),
          Map.entry("use_alts_credentials", "ALTS exists only inside its maker's cloud"),
          Map.entry("platform_config_file", "name the platform of each model in its configuration"),
          Map.entry("per_process_gpu_memory_fraction", NO_DEVICE),
          Map.entry("xla_cpu_compilation_enabled", NO_DEVICE),
          Map.entry("xla_gpu_compilation_enabled", NO_DEVICE),
          Map.entry("mixed_precision", NO_DEVICE),
          Map.entry("skip_initialize_tpu", NO_DEVICE),
          Map.entry("saved_model_tags", "Salver loads the graph that is tagged \"serve\""),
          Map.entry(
              "grpc_channel_arguments",
              "set the limits of messages by max_request_size in --config"),
          Map.entry(
              "remove_unused_fields_from_bundle_metagraph",
              "Salver reads only what it needs from a SavedModel"),
          Map.entry("prefer_tflite_model", NO_TFLITE),
          Map.entry("num_tflite_pools", NO_TFLITE),
          Map.entry("num_tflite_interpreters_per_pool", NO_TFLITE),
          Map.entry(
              "enable_signature_method_name_check",
              "Salver takes signatures whatever their method name, as TensorFlow 2 exports need"),
          Map.entry("enable_profiler", "this version has no profiler service; see /metrics"));

  /** Values that ask for nothing, by flag; of every flag also the empty one. */
  private static final Map<String, Set<String>> NEUTRAL =
      Map.ofEntries(
          Map.entry("tensorflow_session_parallelism", Set.of("0")),
          Map.entry("flush_filesystem_caches", Set.of("true", "1", "false", "0")),
          Map.entry("use_alts_credentials", Set.of("false", "0")),
          Map.entry("per_process_gpu_memory_fraction", Set.of("0", "0.0")),
          Map.entry("xla_cpu_compilation_enabled", Set.of("false", "0")),
          Map.entry("xla_gpu_compilation_enabled", Set.of("false", "0")),
          Map.entry("saved_model_tags", Set.of("serve")),
          Map.entry("remove_unused_fields_from_bundle_metagraph", Set.of("true", "1")),
          Map.entry("prefer_tflite_model", Set.of("false", "0")),
          Map.entry("enable_signature_method_name_check", Set.of("false", "0")),
          Map.entry("enable_profiler", Set.of("false", "0")));

  private TfServingFlags() {}

  /** Whether {@code argument}, as {@code --name=value}, is a refused flag that asks for nothing. */
  static boolean asksForNothing(String argument) {
    int equals = argument.indexOf('=');
    if (!argument.startsWith("--") || equals < 0) {
      return false;
    }
    String name = argument.substring(2, equals);
    String value = argument.substring(equals + 1);
    return REJECTED.containsKey(name)
        && (value.isEmpty() || NEUTRAL.getOrDefault(name, Set.of()).contains(value));
  }

  /**
   * Why the flag of {@code argument}, as {@code --name=value}, is not taken; empty if it may be, or
   * if it asks for nothing.
   */
  static Optional<String> rejection(String argument) {
    if (!argument.startsWith("--") || asksForNothing(argument)) {
      return Optional.empty();
    }
    int equals = argument.indexOf('=');
    String name = argument.substring(2, equals < 0 ? argument.length() : equals);
    return Optional.ofNullable(REJECTED.get(name))
        .map(reason -> "--" + name + " is not taken: " + reason);
  }
}
