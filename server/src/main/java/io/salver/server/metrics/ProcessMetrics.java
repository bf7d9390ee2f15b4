package io.salver.server.metrics;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what the process and its Java virtual machine use, under the names that Prometheus' own
 * clients gave these metrics. What the operating system does not tell is left out.
 *
 * <p>The virtual machine's management beans are first touched when this is first asked, because
 * they take tens of milliseconds to start. Thread-safe.
 */
public final class ProcessMetrics implements MetricSource {
  private final String version;
  private final Path proc;

  /** Metrics of this process, which runs {@code version} of Salver. */
  public ProcessMetrics(String version) {
    this(version, Path.of("/proc/self"));
  }

  ProcessMetrics(String version, Path proc) {
    this.version = version;
    this.proc = proc;
  }

  @Override
  public void writeTo(MetricWriter out) {
    out.gauge("salver_build_info", "Always 1; the labels say what runs.");
    out.sample(MetricWriter.labels("version", version, "java", Runtime.version().toString()), 1);
    writeProcess(out);
    writeMemory(out);
    writeThreads(out);
    writeCollectors(out);
  }

  private void writeProcess(MetricWriter out) {
    ProcessHandle.Info info = ProcessHandle.current().info();
    Optional<Duration> cpu = info.totalCpuDuration();
    out.counter("process_cpu_seconds_total", "CPU time that the process took, user and system.");
    cpu.ifPresent(time -> out.sample("", time.toNanos() / 1e9));
    Optional<Instant> start = info.startInstant();
    out.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.");
    start.ifPresent(time -> out.sample("", time.toEpochMilli() / 1e3));
    Map<String, Long> kilobytes = statusKilobytes();
    out.gauge("process_resident_memory_bytes", "Memory that the process has in RAM.");
    writeKilobytes(out, kilobytes.get("VmRSS"));
    out.gauge("process_virtual_memory_bytes", "Address space that the process has mapped.");
    writeKilobytes(out, kilobytes.get("VmSize"));
    out.gauge("process_open_fds", "File descriptors that are open.");
    openFiles().ifPresent(count -> out.sample("", count));
  }

  private static void writeKilobytes(MetricWriter out, @Nullable Long kilobytes) {
    if (kilobytes != null) {
      out.sample("", kilobytes * 1024);
    }
  }

  /** The lines of the process' status that are sizes. */
  private Map<String, Long> statusKilobytes() {
    Map<String, Long> sizes = new HashMap<>();
    try {
      for (String line : Files.readAllLines(proc.resolve("status"))) {
        String[] words = line.split(":?\\s+");
        if (words.length == 3 && words[2].equals("kB")) {
          sizes.put(words[0], Long.parseLong(words[1]));
        }
      }
    } catch (IOException notLinux) {
      return Map.of();
    }
    return sizes;
  }

  private Optional<Long> openFiles() {
    try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
      return Optional.of(files.count());
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  private static void writeMemory(MetricWriter out) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    MemoryUsage heap = memory.getHeapMemoryUsage();
    MemoryUsage other = memory.getNonHeapMemoryUsage();
    String heapLabel = MetricWriter.labels("area", "heap");
    String otherLabel = MetricWriter.labels("area", "nonheap");
    out.gauge("jvm_memory_used_bytes", "Memory in use, of the Java heap and of the rest.");
    out.sample(heapLabel, heap.getUsed());
    out.sample(otherLabel, other.getUsed());
    out.gauge("jvm_memory_committed_bytes", "Memory taken from the operating system.");
    out.sample(heapLabel, heap.getCommitted());
    out.sample(otherLabel, other.getCommitted());
    out.gauge("jvm_memory_max_bytes", "The most memory that may be used; -1 if there is no limit.");
    out.sample(heapLabel, heap.getMax());
    out.sample(otherLabel, other.getMax());
  }

  private static void writeThreads(MetricWriter out) {
    out.gauge("jvm_threads_current", "Platform threads that are alive.");
    out.sample("", ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private static void writeCollectors(MetricWriter out) {
    out.summary("jvm_gc_collection_seconds", "Time of each garbage collector's collections.");
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      out.summarySample(
          MetricWriter.labels("gc", collector.getName()),
          Math.max(0, collector.getCollectionCount()),
          Math.max(0, collector.getCollectionTime()) / 1e3);
    }
  }
}
