# Makes a shell command of a user's restore_command or recovery_end_command, as PostgreSQL would. To be sourced.

# expand_command TEMPLATE F P R sets expanded: %f, %p and %r replaced, %% is %, any other % stands for itself.
expand_command() {
  expanded='' left=$1
  while :; do
    case $left in *%*) ;; *) break ;; esac
    expanded=$expanded${left%%\%*}
    left=${left#*%}
    case $left in
      f*) expanded=$expanded$2 left=${left#f} ;;
      p*) expanded=$expanded$3 left=${left#p} ;;
      r*) expanded=$expanded$4 left=${left#r} ;;
      %*) expanded=$expanded% left=${left#%} ;;
      *) expanded=$expanded% ;;
    esac
  done
  expanded=$expanded$left
}
