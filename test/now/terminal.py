# Runs a command in a terminal of its own: keys come from stdin, what it draws goes to stdout. Arguments: rows, columns, command.
import fcntl, os, pty, select, struct, sys, termios

rows, columns, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    # The size must be there before the command looks.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))
    os.execvp(command[0], command)
inputs = [0, terminal]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if terminal in ready:
        try:
            drawn = os.read(terminal, 65536)
        except OSError:
            drawn = b''
        if drawn == b'':
            break
        os.write(1, drawn)
    if 0 in ready:
        keys = os.read(0, 1024)
        if keys == b'':
            inputs.remove(0)
        else:
            os.write(terminal, keys)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
