package io.salver.cli.config;

import io.salver.engine.process.ContainerImage;
import io.salver.engine.process.WorkerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what {@code worker:} says in a version's {@code model.yaml}. */
final class WorkerYaml {
  private static final String DOCKER = "docker";

  private WorkerYaml() {}

  /**
   * Reads a worker.
   *
   * @param isolated whether it is to be an engine of Salver's own, whose command is known
   */
  static WorkerSpec read(Section s, boolean isolated) {
    WorkerSpec d = WorkerSpec.DEFAULT;
    List<String> command = s.strings("command");
    Optional<ContainerImage> image = image(s);
    if (isolated && (!command.isEmpty() || image.isPresent())) {
      throw new ConfigException(
          s.at("command") + " and " + s.at("image") + " (expected: neither, with isolate: true)");
    }
    String protocol = s.string("protocol").orElse(d.protocol());
    if (isolated && !protocol.equals(WorkerSpec.SALVER)) {
      throw new ConfigException(
          s.at("protocol")
              + (": " + protocol)
              + (" (expected: " + WorkerSpec.SALVER + ", with isolate: true)"));
    }
    try {
      return new WorkerSpec(
          command,
          environment(s),
          protocol,
          s.integer("replicas", d.replicas()),
          s.integer("connections", d.connections()),
          s.duration("start_timeout", d.startTimeout()),
          s.duration("run_limit", d.runLimit()),
          s.duration("deadline_grace", d.deadlineGrace()),
          s.bool("allow_pickle", d.allowPickle()),
          s.sizeBytes("memory_limit", d.memoryLimitBytes()),
          image);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<ContainerImage> image(Section s) {
    Optional<String> name = s.string("image");
    String runtime = s.string("container_runtime").orElse(DOCKER);
    double cpus = s.number("cpus", 0);
    try {
      return name.map(image -> new ContainerImage(image, runtime, cpus));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(s.at("image") + ": " + e.getMessage());
    }
  }

  private static Map<String, String> environment(Section s) {
    Map<String, String> environment = new LinkedHashMap<>();
    Object value = s.get("env");
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, text) -> environment.put(String.valueOf(name), String.valueOf(text)));
    } else if (value != null) {
      throw new ConfigException(
          s.at("env") + ": " + value + " (expected: a mapping of names to values)");
    }
    return environment;
  }
}
