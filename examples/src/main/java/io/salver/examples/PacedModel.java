package io.salver.examples;

import io.salver.engine.Batch;
import io.salver.engine.Model;
import io.salver.engine.ModelFiles;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A model in Java that behaves as it is told, to see what a server makes of one that is slow, errs
 * or is wrong: {@code y = x + offset}, after a pause that takes no processor, and now and then a
 * failure instead.
 */
public final class PacedModel implements Model {
  private static final String BEHAVIOUR = "behaviour.properties";
  private static final String NAME = PacedModel.class.getName();

  /** Runs at once: more than any client here has requests under way, so that none waits. */
  private static final int INSTANCES = 32;

  private final AtomicLong runs = new AtomicLong();
  private Behaviour behaviour = new Behaviour(0, 0, 0);

  /**
   * What a model does.
   *
   * @param pauseUs how long a run takes, in microseconds
   * @param failsEvery every so many-th run fails; 0: none
   * @param offset how far its answers are off
   */
  public record Behaviour(long pauseUs, long failsEvery, float offset) {
    /** Right, at once, always. */
    public static final Behaviour IDEAL = new Behaviour(0, 0, 0);

    private static Behaviour read(Properties from) {
      return new Behaviour(
          Long.parseLong(from.getProperty("pause_us")),
          Long.parseLong(from.getProperty("fails_every")),
          Float.parseFloat(from.getProperty("offset")));
    }

    private String text() {
      return "pause_us=%d\nfails_every=%d\noffset=%s\n".formatted(pauseUs, failsEvery, offset);
    }
  }

  /** Writes one: takes the directory of a version, and the values of a {@link Behaviour}. */
  public static void main(String[] arguments) throws IOException {
    write(
        Path.of(arguments[0]),
        new Behaviour(
            Long.parseLong(arguments[1]),
            Long.parseLong(arguments[2]),
            Float.parseFloat(arguments[3])));
  }

  /** Writes a version into its directory. */
  public static void write(Path version, Behaviour behaviour) throws IOException {
    Files.createDirectories(version);
    Files.writeString(version.resolve(BEHAVIOUR), behaviour.text());
    Files.writeString(version.resolve("model.yaml"), "instances: " + INSTANCES + "\n");
    try (OutputStream file = Files.newOutputStream(version.resolve("model.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(new JarEntry("META-INF/services/" + Model.class.getName()));
      jar.write((NAME + "\n").getBytes(StandardCharsets.UTF_8));
      for (Class<?> each : List.of(PacedModel.class, Behaviour.class)) {
        String name = each.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(name));
        try (InputStream bytes = each.getClassLoader().getResourceAsStream(name)) {
          jar.write(Objects.requireNonNull(bytes).readAllBytes());
        }
      }
    }
  }

  @Override
  public void load(ModelFiles files) throws Exception {
    Properties read = new Properties();
    try (Reader reader = Files.newBufferedReader(files.resolve(BEHAVIOUR))) {
      read.load(reader);
    }
    behaviour = Behaviour.read(read);
  }

  @Override
  public Map<String, Signature> signatures() {
    TensorSpec x = TensorSpec.of("x", DType.FLOAT32, Shape.of(-1));
    TensorSpec y = TensorSpec.of("y", DType.FLOAT32, Shape.of(-1));
    return Map.of(
        Signature.DEFAULT_NAME, new Signature(Signature.DEFAULT_NAME, "", List.of(x), List.of(y)));
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    long run = runs.incrementAndGet();
    long endNs = System.nanoTime() + behaviour.pauseUs() * 1000;
    for (long left = behaviour.pauseUs() * 1000; left > 0; left = endNs - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    if (behaviour.failsEvery() > 0 && run % behaviour.failsEvery() == 0) {
      throw new IllegalStateException("run " + run + " fails, as it was told");
    }
    Tensor x = Objects.requireNonNull(batch.input(0));
    Tensor y = batch.arena().allocate(DType.FLOAT32, x.shape());
    for (long i = 0; i < x.elementCount(); i++) {
      y.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, x.getFloat(i) + behaviour.offset());
    }
    batch.setOutput(0, y);
  }
}
