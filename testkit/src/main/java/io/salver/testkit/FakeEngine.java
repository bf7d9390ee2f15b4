package io.salver.testkit;

import io.salver.engine.Batch;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Signature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An engine whose models are a text file, {@value #FILE}, with one word in it: {@code ready} for a
 * {@link HalfPlusTwo}, {@code incomplete}, {@code broken} for a load that is refused, {@code
 * failing} for one that fails otherwise. A number after the word is the memory that it declares, in
 * bytes. Each loaded model owns some native memory. Thread-safe.
 */
public final class FakeEngine implements Engine {
  /** The file that makes a directory one of this engine's. */
  public static final String FILE = "model.fake";

  /** Does something while a version is being loaded, such as waiting, or throwing. */
  @FunctionalInterface
  public interface LoadHook {
    void beforeLoad(Path directory) throws ModelLoadException;
  }

  private final String name;
  private final List<Model> loaded = new CopyOnWriteArrayList<>();
  private volatile LoadHook hook = directory -> {};

  public FakeEngine(String name) {
    this.name = name;
  }

  /** Sets what is called at the beginning of each load. */
  public void onLoad(LoadHook hook) {
    this.hook = hook;
  }

  /** Every model that was ever loaded, in order. */
  public List<Model> loaded() {
    return List.copyOf(loaded);
  }

  /** Writes a version's directory. */
  public static Path write(Path directory, String content) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(FILE), content);
    return directory;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    String[] words = words(files.directory());
    if (words.length == 0) {
      return new Inspection.NotMine();
    }
    if (words[0].equals("incomplete")) {
      return new Inspection.Incomplete("weights.bin is missing");
    }
    if (words[0].equals("unservable")) {
      return new Inspection.Unservable(FILE + ": needs what is not here");
    }
    return new Inspection.Ready(words.length > 1 ? Long.parseLong(words[1]) : 0);
  }

  private static String[] words(Path directory) {
    try {
      return Files.readString(directory.resolve(FILE)).split(" ", -1);
    } catch (NoSuchFileException e) {
      return new String[0];
    } catch (IOException e) {
      return new String[] {"incomplete"};
    }
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    hook.beforeLoad(files.directory());
    String[] words = words(files.directory());
    String word = words.length == 0 ? "broken" : words[0];
    if (word.equals("broken")) {
      throw new ModelLoadException(FILE + ": broken (expected: ready)");
    }
    if (word.equals("failing")) {
      throw new IllegalStateException(FILE + ": failing");
    }
    Model model = new Model(files.directory(), words.length > 1 ? Long.parseLong(words[1]) : 0);
    loaded.add(model);
    return model;
  }

  @Override
  public void close() {}

  /** A {@link HalfPlusTwo} that knows where it came from. */
  public static final class Model implements LoadedModel {
    private final HalfPlusTwo model = new HalfPlusTwo();
    private final MemorySegment memory = NativeMemory.allocate(256);
    private final Path directory;
    private final long memoryBytes;

    Model(Path directory, long memoryBytes) {
      this.directory = directory;
      this.memoryBytes = memoryBytes;
    }

    /** The directory it was loaded from. */
    public Path directory() {
      return directory;
    }

    /** Whether it was closed. */
    public boolean isClosed() {
      return model.isClosed();
    }

    @Override
    public Map<String, Signature> signatures() {
      return model.signatures();
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      model.run(batch);
    }

    @Override
    public long memoryBytes() {
      return memoryBytes;
    }

    @Override
    public void close() {
      model.close();
      NativeMemory.free(memory);
    }
  }
}
