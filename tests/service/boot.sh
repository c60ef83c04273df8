# Boots systemd as the first process of namespaces of its own: $1 is a Debian tree, which stays as it is, $2 a folder in memory
# for what is written over it.
set -eu
tree=$1 work=$2
mkdir -p "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
cd "$work/root"
mount -t proc proc proc
# What lies there belongs to the whole machine.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
ip link set lo up
printf "127.0.0.1 localhost\n::1 localhost\n" >etc/hosts
mkdir old
pivot_root . old
umount -l old
rmdir old
# What a boot does to hardware and kernel is not done here.
rm -r /usr/lib/systemd/system/sysinit.target.wants
mkdir -p /run/systemd/system
cat >/run/systemd/system/tests.target <<UNIT
[Unit]
Description=What a test needs
DefaultDependencies=no
Wants=systemd-journald.service
UNIT
# So that what is mounted for credentials is seen by services, as on any machine.
mount --make-rshared /
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=tests.target --log-target=journal --show-status=no
